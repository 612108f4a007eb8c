import CPostgres
import Foundation

extension PostgresConnection {
    /// A server that vanishes without a word is noticed in seconds, not when the kernel gives up. The address may say
    /// otherwise: of two values for one word libpq takes the later.
    static let patience: [(word: String, value: String)] = [
        ("connect_timeout", "10"), ("tcp_user_timeout", "30000"), ("keepalives", "1"),
        ("keepalives_idle", "30"),
        ("keepalives_interval", "10"), ("keepalives_count", "3"), ("fallback_application_name", "suban"),
    ]

    static func connect(_ url: String) -> OpaquePointer? {
        let words = (patience.map(\.word) + ["dbname"]).map { strdup($0) }
        let values = (patience.map(\.value) + [url]).map { strdup($0) }
        defer { for text in words + values { free(text) } }
        let (names, settings) = (
            words.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil]
        )
        return PQconnectdbParams(names, settings, 1)
    }
}
