#pragma once
#include <malloc.h>
#include <sys/timex.h>
#include <sys/vfs.h>
