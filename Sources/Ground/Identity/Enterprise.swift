public import Kernel

/// What the register says of an enterprise's standing.
public enum EnterpriseState: String, Sendable, CaseIterable {
    /// 存续.
    case active
    /// 歇业.
    case dormant
    /// 吊销.
    case licenceRevoked = "licence-revoked"
    /// 撤销登记.
    case registrationRevoked = "registration-revoked"
    /// 注销.
    case cancelled

    /// Whether its people may act for it here.
    public var mayAct: Bool {
        switch self {
        case .active, .dormant: true
        case .licenceRevoked, .registrationRevoked, .cancelled: false
        }
    }
}

/// An enterprise as an actor: who may act for it. Its register entry is the register's.
public struct Enterprise: Hashable, Sendable {
    /// Credit code.
    public let code: String
    public let name: String
    public let state: EnterpriseState
    /// Nil while he is not known here as a person.
    public let legalRepresentative: ID<Person>?
    public let region: String
    public let agency: String
    public let version: Int
}

/// An enterprise lets a person act for it: in what, until when.
public struct Authorisation: Hashable, Sendable {
    public let id: ID<Authorisation>
    public let enterprise: String
    public let agent: ID<Person>
    /// Operations of the permission table, such as `licence.use`.
    public let scope: Set<String>
    public let from: LocalDate
    /// Last day.
    public let until: LocalDate
    public let grantedBy: ID<Person>
    public let revokedAt: Instant?

    /// Whether it covers an operation at a moment.
    public func covers(_ operation: String, at now: Instant) -> Bool {
        scope.contains(operation) && isInForce(at: now)
    }

    public func isInForce(at now: Instant) -> Bool {
        if let revokedAt, revokedAt <= now { return false }
        return from <= now.date && now.date <= until
    }
}

/// A registration agent who declared himself in the national register (代理办法): a person, or a firm with its people.
public struct DeclaredAgent: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable { case person, firm }

    public let id: ID<DeclaredAgent>
    public let kind: Kind
    /// The person who acts.
    public let person: ID<Person>
    /// The firm for which he acts; nil for one who works alone.
    public let enterprise: String?
    /// Number in the national register.
    public let registerNumber: String
    public let from: LocalDate
    /// Last day, if one is set.
    public let until: LocalDate?
    public let withdrawnAt: Instant?

    public func isInForce(at now: Instant) -> Bool {
        if let withdrawnAt, withdrawnAt <= now { return false }
        return from <= now.date && until.map { now.date <= $0 } ?? true
    }
}
