#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A name for the thread that runs this.
func currentThread() -> UInt { UInt(bitPattern: Int(bitPattern: pthread_self())) }
