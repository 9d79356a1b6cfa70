// file_mode: is this a mode that somebody meant for a socket? What YAML makes of an unquoted 0660,
// the decimal 432, is octal as well: -r---wx-w-.
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/span.h"

#include <stddef.h>
#include <stdint.h>

// Refuses a mode that gives group or others what the owner has not, or that lets the owner not
// write, without which nobody connects. 'written' is what came; the error explains it.
MUST_USE int file_mode_check(uint64_t mode, struct span written, struct err *err);

// "; 432 is 0660 in decimal ...": what to write for a decimal form of a mode; "" for all else.
void file_mode_hint(struct span written, char *out, size_t size);
