import Cryptography
import Documents
import ElectronicSeals
import Kernel

private let verifier = OFDVerifier(
    trust: SealTrust(anchors: [], moment: Instant(milliseconds: 0), toleranceMilliseconds: 0),
    limits: PackageLimits(
        sizeBytesMax: 1_048_576,
        unpackedBytesMax: 4_194_304,
        entriesMax: 100,
        nameBytesMax: 255,
        ratioMax: 200,
        signaturesMax: 5
    )
)

/// XML of OFD: the input is split at NUL into OFD.xml, Signatures.xml and Signature.xml of a package, which nobody trusted
/// signed, so that nothing may be called valid.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzXML(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let files = Array(UnsafeBufferPointer(start: start, count: count))
        .split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false).map(Array.init)
    let names = [
        "OFD.xml", "Doc_0/Signs/Signatures.xml", "Doc_0/Signs/Sign_0/Signature.xml",
        "Doc_0/Signs/Sign_0/SignedValue.dat",
    ]
    let package = Package(
        zip(names, files).map { PackageEntry($0, $1) } + [PackageEntry("Doc_0/Document.xml", [])]
    )
    guard let bytes = try? package.zipped() else { return 0 }
    precondition(!verifier.verify(bytes).isValid)
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ one: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// The package manager names this as the program's beginning; libFuzzer has one of its own.
@_cdecl("FuzzXML_main")
public func begin(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments) { fuzzXML($0, $1) }
}
