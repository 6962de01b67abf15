/* The policy template, of which generate.c is told to write one half or the other. */
#ifndef DOCS_GENERATE_POLICY_H
#define DOCS_GENERATE_POLICY_H

/* False: a parameter has neither a policy nor a reason for having none, or a row of the table has no parameter. */
bool print_admx(void);
bool print_adml(void);

#endif
