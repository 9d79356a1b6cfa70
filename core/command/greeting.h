// greeting: the lines that serve logs before anything else: what runs here, with which set-up.
#pragma once

#include "lua/setup.h"

void greeting_write(const struct setup *setup);
