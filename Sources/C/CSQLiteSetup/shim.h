#pragma once
#include <sqlite3.h>

/* sqlite3_config takes a varying number of arguments, and such functions are not visible to Swift. Before the first
   connection only; later it answers SQLITE_MISUSE and changes nothing. */
static inline int suban_sqlite_count_memory(int counts) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, counts);
}
