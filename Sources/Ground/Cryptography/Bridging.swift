internal import COpenSSL

/// Runs a DER writer of OpenSSL and takes over its memory. Empty when it failed.
func der(_ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> [UInt8] {
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = write(&bytes)
    guard count > 0, let bytes else { return [] }
    defer { suban_free(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
}

func withBIO<Answer>(reading bytes: [UInt8], _ body: (OpaquePointer) -> Answer?) -> Answer? {
    bytes.withUnsafeBytes { buffer in
        guard buffer.count <= Int(Int32.max),
            let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count))
        else { return nil }
        defer { BIO_free(bio) }
        return body(bio)
    }
}

/// What `write` put into a memory BIO, or nil when it failed. The BIO's own copy is wiped.
func bytesWritten(_ write: (OpaquePointer) -> Bool) -> [UInt8]? {
    guard let bio = BIO_new(BIO_s_secmem()) else { return nil }
    defer { BIO_free(bio) }
    guard write(bio) else {
        ERR_clear_error()
        return nil
    }
    var bytes: UnsafePointer<UInt8>?
    let count = suban_bio_bytes(bio, &bytes)
    return Array(UnsafeBufferPointer(start: bytes, count: count))
}

/// Hands a password to `givePassword` through OpenSSL's untyped argument, and wipes it afterwards.
func withPassword<Answer>(_ password: String?, _ body: (UnsafeMutableRawPointer?) -> Answer) -> Answer {
    var bytes = Array((password ?? "").utf8)
    defer { wipe(&bytes) }
    return bytes.withUnsafeBytes { buffer in
        var view = buffer
        return withUnsafeMutablePointer(to: &view) { body(UnsafeMutableRawPointer($0)) }
    }
}

/// OpenSSL asks here for a password. Without this it would ask at the terminal.
let givePassword:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = {
        target,
        room,
        _,
        context in
        guard let target,
            let password = context?.assumingMemoryBound(to: UnsafeRawBufferPointer.self).pointee,
            !password.isEmpty, password.count <= Int(room)
        else { return -1 }
        UnsafeMutableRawBufferPointer(start: target, count: Int(room)).copyMemory(from: password)
        return Int32(password.count)
    }
