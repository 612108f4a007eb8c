import Cryptography
import Foundation
package import Kernel
import Standards
import Synchronization

/// Which program this is: SHA-256 over a line `SHA-256  path` for each file of `Sources`, `Systems` and `Resources`, in the
/// order of the paths' bytes; hidden files are left out. `Scripts/promises` makes the same of what was tested.
package enum ProgramDigest {
    private static let folders = ["Sources", "Systems", "Resources"]
    /// As the files were when they were first asked for, which a server does at its start.
    private static let known = Mutex<[String: String]>([:])

    package static func of(_ home: Home) -> String {
        if let known = known.withLock({ $0[home.root] }) { return known }
        let digest = read(home.root)
        return known.withLock { known in
            known[home.root] = known[home.root] ?? digest
            return known[home.root] ?? digest
        }
    }

    static func read(_ root: String) -> String {
        var paths: [String] = []
        for folder in folders {
            let files = FileManager.default.enumerator(atPath: "\(root)/\(folder)")
            while let path = files?.nextObject() as? String {
                guard files?.fileAttributes?[.type] as? FileAttributeType == .typeRegular,
                    !path.split(separator: "/").contains(where: { $0.hasPrefix(".") })
                else { continue }
                paths.append("\(folder)/\(path)")
            }
        }
        paths.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let lines = paths.map { path in
            let bytes = FileManager.default.contents(atPath: "\(root)/\(path)").map { [UInt8]($0) } ?? []
            return "\(Hex.encode(SHA256.digest(bytes)))  \(path)\n"
        }
        return Hex.encode(SHA256.digest(Array(lines.joined().utf8)))
    }
}
