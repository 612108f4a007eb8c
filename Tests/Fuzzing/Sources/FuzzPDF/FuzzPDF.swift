import Cryptography
import Documents
import Kernel

private let limits = PDFLimits(
    bytes: 1_048_576,
    objects: 10_000,
    revisions: 8,
    attachments: 8,
    attachmentBytes: 4_194_304,
    ratio: 100
)
private let trust = DocumentTrust(anchors: [])
private let verifier = PDFVerifier(trust: trust, limits: limits, tolerance: 0)

/// PDF with its signatures, and alone what is inside them: CMS, time stamps, revocation lists. Nobody is trusted, so that
/// nothing may be valid.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPDF(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let now = Instant(milliseconds: 1_795_238_000_000)
    if bytes.first == 0x30 {
        let signature = DetachedSignature(der: bytes)
        let verdict = signature?.verify(
            contentDigest: SHA256.digest(bytes),
            trust: trust,
            at: now,
            tolerance: 0
        )
        precondition(verdict.map { $0.problem != nil } ?? true)
        for token in [TimestampToken(der: bytes), TimestampToken(response: bytes)] {
            precondition(
                token?.problem(of: token?.imprint ?? [], .sha256, trust: trust) != nil || token == nil
            )
        }
        let bounds = RevocationLimits(bytes: count, entries: 1_000)
        _ = try? RevocationList<P256>(der: bytes, limits: bounds)
        _ = try? RevocationList<SM2>(der: bytes, limits: bounds)
    } else {
        precondition(!verifier.verify(bytes, at: now).isValid)
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
@_cdecl("FuzzPDF_main")
public func begin(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments) { fuzzPDF($0, $1) }
}
