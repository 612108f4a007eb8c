import Cryptography
import Foundation
public import Forms
import Kernel
import Rules

/// The files of one system, read whole: what is published is exactly these bytes.
public struct SystemFolder: Sendable, Hashable {
    /// Content by path inside the folder, such as `forms/llc.form.yaml`.
    public let files: [String: [UInt8]]

    public static let fileCountMax = 400
    public static let fileBytesMax = 1_048_576

    public init(files: [String: [UInt8]]) { self.files = files }

    /// Reads a folder of the disk; hidden files and symbolic links are left out.
    /// - Throws: a `DefinitionError` that names the file when there are too many or one is too large.
    public init(at path: String) throws(DefinitionError) {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        guard manager.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue,
            let paths = manager.enumerator(atPath: path)
        else { throw DefinitionError(.fileMissing, at: SourcePosition(file: path), ["name": "system.yaml"]) }
        var files: [String: [UInt8]] = [:]
        for case let name as String in paths {
            let full = "\(path)/\(name)"
            let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
            let attributes = try? manager.attributesOfItem(atPath: full)
            guard !isHidden, attributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
            guard size <= Self.fileBytesMax, files.count < Self.fileCountMax,
                let data = manager.contents(atPath: full)
            else {
                throw DefinitionError(
                    .tooLarge,
                    at: SourcePosition(file: name),
                    ["limit": String(Self.fileBytesMax)]
                )
            }
            files[name] = Array(data)
        }
        self.files = files
    }

    /// - Throws: when there is no such file, or it is no UTF-8.
    public func text(_ path: String) throws(DefinitionError) -> String {
        guard let bytes = files[path] else {
            throw DefinitionError(.fileMissing, at: SourcePosition(file: path), ["name": path])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DefinitionError(.unreadable, at: SourcePosition(file: path), ["problem": "it is not UTF-8"])
        }
        return text
    }

    public var paths: [String] { files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    /// Lower-case hexadecimal SM3 over the sorted paths with each file's own digest.
    public var digest: String {
        var manifest = ""
        for path in paths { manifest += "\(Hex.encode(SM3.digest(files[path] ?? []))) \(path)\n" }
        return Hex.encode(SM3.digest(Array(manifest.utf8)))
    }

    static func digest(of bytes: [UInt8]) -> String { Hex.encode(SM3.digest(bytes)) }
}
