#pragma once
#include <cairo.h>
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <hb.h>
#include <hb-subset.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangofc-fontmap.h>
