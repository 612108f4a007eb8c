import Cases
import Catalogue
import Identity
import Kernel
import Storage
import Web

extension PortalDesk {
    /// The visitor's own case by the number in the path. Somebody else's is not there.
    /// - Parameter operation: what is done with it, a row of the permission table; nil is `case.read` for what is only
    ///   shown and `case.draft` for what is changed.
    func ownCase(_ visit: Visit, for operation: String? = nil) async throws -> Case {
        let visitor = try visit.someone()
        let number = try visit.segment("number")
        let found = try await database.read { try CaseStore.find(number: number, in: $0) }
        guard let found, found.applicant == visitor.actor.id else { throw WebRefusal.notFound }
        try await require(operation, on: found, visit)
        return found
    }

    /// Refuses what the permission table does not give the visitor.
    func require(_ operation: String?, on found: Case? = nil, _ visit: Visit) async throws {
        try await gate.require(
            operation ?? (visit.method == .get ? "case.read" : "case.draft"),
            on: found,
            by: visit.visitor?.principal as? Principal ?? .anonymous,
            occasion: visit.occasion
        )
    }

    /// An address that works outside the browser, such as in a QR code.
    func address(_ path: String, _ visit: Visit) -> String {
        (origin ?? "http://\(visit.headers["host"] ?? "localhost")") + path
    }
}

extension Case {
    /// A draft that its applicant deleted before it was handed in.
    var isDiscarded: Bool { state == .withdrawn && submittedAt == nil }
}

extension CaseState {
    var tone: Tone {
        switch self {
        case .granted: .good
        case .draft, .lapsed, .withdrawn: .neutral
        case .signing, .received, .accepted, .review: .info
        case .returned, .transferred: .warn
        case .refused, .revoked: .bad
        }
    }

    /// - Parameter words: what the item calls its decisions.
    func badge(_ words: DecisionWords, _ visit: Visit) -> BadgeView {
        BadgeView(words.said(rawValue, visit.language.rawValue) ?? visit.text("case-state.\(rawValue)"), tone)
    }
}
