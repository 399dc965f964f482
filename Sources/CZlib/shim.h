#include <zlib.h>

/// `inflateInit2` is a macro; this is the function it stands for.
static inline int CZlib_inflateInit2(z_stream *stream, int windowBits) { return inflateInit2(stream, windowBits); }

/// `deflateInit2` is a macro too.
static inline int CZlib_deflateInit2(z_stream *stream, int level, int windowBits, int memoryLevel) {
    return deflateInit2(stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY);
}
