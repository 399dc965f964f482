#ifndef SWITCHBOARD_CLIBPQ_SHIM_H
#define SWITCHBOARD_CLIBPQ_SHIM_H

#include <libpq-fe.h>

/* Readiness of libpq's descriptors (Linux): Glibc's module does not export these. */
#include <sys/epoll.h>
#include <sys/eventfd.h>

#endif
