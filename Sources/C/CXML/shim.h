#pragma once
#include <libxml/xmlversion.h>
/* Debian's libxml2 would bring ICU along, whose headers contradict those of Foundation; nothing used here needs them. */
#undef LIBXML_ICU_ENABLED
#include <libxml/xmlreader.h>
