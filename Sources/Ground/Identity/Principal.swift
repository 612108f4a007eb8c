public import Kernel

/// For which enterprise a person acts, and by what right.
public struct ActingFor: Hashable, Sendable {
    /// Credit code.
    public let enterprise: String
    public let name: String
    public let isLegalRepresentative: Bool
    /// Operations granted; empty for the legal representative, who needs none.
    public let scope: Set<String>
    public let authorisation: ID<Authorisation>?

    public init(
        enterprise: String,
        name: String,
        isLegalRepresentative: Bool,
        scope: Set<String>,
        authorisation: ID<Authorisation>?
    ) {
        self.enterprise = enterprise
        self.name = name
        self.isLegalRepresentative = isLegalRepresentative
        self.scope = scope
        self.authorisation = authorisation
    }
}

/// Who stands before an operation.
public enum Principal: Hashable, Sendable {
    case anonymous
    /// A person, for himself or for an enterprise. `isAgent` says that he is a declared registration agent.
    case person(ID<Person>, level: RealNameLevel, isAgent: Bool, acting: ActingFor?)
    /// A member of staff in one of his posts.
    case staff(ID<Staff>, post: Post)

    /// As the log writes it.
    public var actor: Actor {
        switch self {
        case .anonymous: .anonymous
        case .person(let id, _, let isAgent, let acting):
            Actor(
                .person,
                id: id.rawValue,
                role: acting == nil ? (isAgent ? "agent" : "person") : actingRole(acting)
            )
        case .staff(let id, let post): Actor(.staff, id: id.rawValue, role: post.role.rawValue)
        }
    }

    /// Roles in the permission table.
    var roles: [String] {
        switch self {
        case .anonymous: ["visitor"]
        case .person(_, _, let isAgent, let acting):
            ["visitor", "person"] + (isAgent ? ["agent"] : []) + (acting == nil ? [] : [actingRole(acting)])
        case .staff(_, let post): ["visitor", post.role.rawValue]
        }
    }

    private func actingRole(_ acting: ActingFor?) -> String {
        acting?.isLegalRepresentative == true ? "legal-representative" : "enterprise-agent"
    }
}
