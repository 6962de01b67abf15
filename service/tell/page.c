#include "service/tell/page.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 4096 };

void page_put(void *context, const char *bytes, size_t size)
{
    struct page *page = context;

    if (page->room - page->used < size + 1) {
        size_t room = (page->room > 0 ? page->room : ROOM_FIRST) * 2 + size;
        char *text = page->is_out_of_memory ? NULL : realloc(page->text, room);
        page->is_out_of_memory = text == NULL;
        if (text == NULL)
            return;
        page->text = text;
        page->room = room;
    }
    memcpy(page->text + page->used, bytes, size);
    page->used += size;
    page->text[page->used] = 0;
}

struct json page_json(struct page *page)
{
    return (struct json){.put = page_put, .out = page, .is_indented = true};
}

char *page_end(struct page *page)
{
    page_put(page, "", 0);
    if (!page->is_out_of_memory)
        return page->text;
    free(page->text);
    return NULL;
}
