import Foundation

/// Where the program's own data lie: `Resources` and `Systems`.
///
/// Looked for in this order: what `--home` said, `SUBAN_HOME`, beside the executable, the folders above the
/// executable, the working folder and those above it.
public struct Home: Sendable {
    public let root: String

    public init(root: String) { self.root = root }

    public struct Missing: Error, CustomStringConvertible {
        public let tried: [String]
        public var description: String {
            "The folders Resources and Systems were not found in \(tried.joined(separator: ", ")). "
                + "Start Suban in its own folder, or name that folder with --home or SUBAN_HOME."
        }
    }

    public static func find(named: String? = nil) throws(Missing) -> Home {
        var candidates: [String] = []
        if let named {
            candidates = [named]
        } else if let variable = ProcessInfo.processInfo.environment["SUBAN_HOME"], !variable.isEmpty {
            candidates = [variable]
        } else {
            let executable = URL(fileURLWithPath: CommandLine.arguments.first ?? ".")
                .resolvingSymlinksInPath().deletingLastPathComponent()
            let working = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
            for start in [executable, working] {
                var folder = start
                for _ in 0..<6 {
                    candidates.append(folder.path)
                    if folder.path == "/" { break }
                    folder.deleteLastPathComponent()
                }
            }
        }
        for candidate in candidates where isHome(candidate) { return Home(root: candidate) }
        throw Missing(tried: candidates)
    }

    /// The path of a file or folder under `Resources`.
    public func resource(_ path: String) -> String { "\(root)/Resources/\(path)" }

    public var systems: String { "\(root)/Systems" }

    private static func isHome(_ path: String) -> Bool {
        ["Resources", "Systems"].allSatisfy { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }
}
