import Foundation
import Yams

/// Reads a flat file of messages, `key: "text"`.
enum MessageFile {
    static func read(_ text: String) throws -> [String: String] {
        try YAMLDecoder().decode([String: String].self, from: text)
    }
}
