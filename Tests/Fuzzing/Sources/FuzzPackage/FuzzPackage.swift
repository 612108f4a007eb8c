import Documents
import ElectronicSeals

private let limits = PackageLimits(
    sizeBytesMax: 1_048_576,
    unpackedBytesMax: 4_194_304,
    entriesMax: 100,
    nameBytesMax: 255,
    ratioMax: 200,
    signaturesMax: 5
)

/// The directory of a ZIP file: what is unpacked keeps the limits, and every name stays inside.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPackage(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let package = try? Package(reading: bytes, limits: limits) else { return 0 }
    precondition(package.entries.count <= limits.entriesMax)
    precondition(package.entries.reduce(0) { $0 + $1.bytes.count } <= limits.unpackedBytesMax)
    for entry in package.entries {
        precondition(!entry.name.split(separator: "/").contains("..") && !entry.name.hasPrefix("/"))
    }
    _ = try? OFDDocument(package)
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ one: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// The package manager names this as the program's beginning; libFuzzer has one of its own.
@_cdecl("FuzzPackage_main")
public func begin(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments) { fuzzPackage($0, $1) }
}
