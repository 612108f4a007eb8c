import ElectronicSeals

/// DER of seals and signatures: whatever is read is written in the file as it is, so that it must be read again alike.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSeal(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let seal = try? ElectronicSeal(der: bytes) {
        precondition(seal.bytes == bytes)
        _ = try? seal.checkValue()
    }
    if let signature = try? SealSignature(der: bytes) {
        precondition(signature.bytes == bytes)
        _ = try? signature.checkValue()
    }
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ one: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// The package manager names this as the program's beginning; libFuzzer has one of its own.
@_cdecl("FuzzSeal_main")
public func begin(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments) { fuzzSeal($0, $1) }
}
