// libnghttp2, from 1.52.0-1+deb12u3 on (that Debian revision carries the fixes named in Sources/HTTP2/README.md).
#include <nghttp2/nghttp2.h>
