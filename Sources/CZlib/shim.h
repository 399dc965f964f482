#include <zlib.h>

/// `inflateInit2` is a macro; this is the function it stands for.
static inline int CZlib_inflateInit2(z_stream *stream, int windowBits) { return inflateInit2(stream, windowBits); }
