import Cryptography
import ElectronicSeals

/// Signatures beside a file, SignedData by GB/T 35275 or CMS with P-256 or RSA: what can be read is checked over a document
/// that nobody signed, so that no value may be good and no stamp of nobody trusted may prove a time.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEnvelope(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let envelope = try? SignedEnvelope(der: bytes) else { return 0 }
    precondition((try? envelope.checkValue(of: Array("signed by nobody".utf8))) == nil)
    for certificate in envelope.certificates {
        _ = try? Certificate(der: certificate)
        _ = try? P256Certificate(der: certificate)
        _ = try? X509Certificate<RSA>(der: certificate)
    }
    if let stamp = envelope.timestamp, let token = TimestampToken(der: stamp) {
        let problem = token.problem(of: token.imprint, token.algorithm, trust: DocumentTrust(anchors: []))
        precondition(problem != nil)
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
@_cdecl("FuzzEnvelope_main")
public func begin(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments) { fuzzEnvelope($0, $1) }
}
