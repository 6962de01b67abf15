/*
 * A text that grows. One that memory does not suffice for becomes NULL at the end, never a part.
 */
#ifndef SERVICE_PAGE_H
#define SERVICE_PAGE_H

#include "core/base/json.h"

/* Begin with zeroes. */
struct page {
    char *text;
    size_t used;
    size_t room;
    bool is_out_of_memory;
};

/* context is the page. */
void page_put(void *context, const char *bytes, size_t size);
/* JSON onto the page, for people. */
struct json page_json(struct page *page);
/* The whole text, to be freed by the caller; NULL when memory was out. */
char *page_end(struct page *page);

#endif
