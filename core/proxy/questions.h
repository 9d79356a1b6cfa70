// questions: what the registry of containers wants to know, asked of the engine one after the
// other. A container that is being started, or whose volume hangs, is not told of until that is
// over; such a question is set aside after a moment, and the next one is asked. Start reading at
// questions_ask().
#pragma once

#include "base/log.h"

#include <stdbool.h>
#include <stdint.h>

struct host;
struct judge_tools;
struct questions;

// 'on_news': an answer was told to the registry; false: it could not take it. 'on_failed': a list,
// or the engine, cannot be had, and nothing is known; everything has to begin anew. Both may call
// questions_drop(), and come from the event loop or from inside questions_ask(). All is borrowed.
// NULL: no memory.
struct questions *questions_new(const struct judge_tools *tools, struct host *host,
                                const struct log *log, void (*on_news)(void *arg, bool taken),
                                void (*on_failed)(void *arg, const char *why), void *arg);
void questions_free(struct questions *qs); // NULL is fine

// Asks what is due, unless there is a question that has not been answered yet.
void questions_ask(struct questions *qs);
// How many have been answered, or have ended without an answer.
uint64_t questions_answers(const struct questions *qs);
bool questions_busy(const struct questions *qs); // there is one
void questions_drop(struct questions *qs);       // no answer will be told any more; NULL is fine
