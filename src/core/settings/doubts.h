/*
 * Rules that are understood, and yet match nothing, or surely not what was meant. They are kept as they are, for a list
 * that was refused for one of them would refuse everybody; who wrote them is told.
 */
#ifndef CORE_DOUBTS_H
#define CORE_DOUBTS_H

#include "core/settings/config.h"

/*
 * item is one that the parameter's list has accepted. True with what is wrong, and what to write instead, in words that
 * begin with the parameter's name. Items of lists that are no rules are never doubted.
 */
bool doubts_about(const struct config_parameter *parameter, const char *item, struct config_problem *problem);

#endif
