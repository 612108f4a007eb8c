import Foundation
import Kernel

/// What whoever reads the figures of a node shows, in a file of its data folder that is made with the first start. It is
/// text, as Prometheus's `credentials_file` wants it.
struct MetricsToken: Sendable {
    private let header: [UInt8]

    init(folder: String) throws {
        let path = "\(folder)/metrics.token"
        if !FileManager.default.fileExists(atPath: path) {
            try InstallationSecrets.keep(Array(Base32.encode(SystemEntropy().bytes(20)).utf8), at: path)
        }
        let text = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines
        )
        guard text.utf8.count >= 16 else { throw InstallationError.damaged(path: path) }
        header = Array("Bearer \(text)".utf8)
    }

    /// Every byte is compared, so that the time it takes tells nothing.
    func isIn(_ shown: String?) -> Bool {
        guard let shown = shown.map({ Array($0.utf8) }), shown.count == header.count else { return false }
        return zip(shown, header).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
