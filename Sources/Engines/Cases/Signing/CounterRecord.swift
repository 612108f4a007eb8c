public import Kernel

/// What a clerk saw when a firm signed in front of him: for a firm that neither our own register nor the national one
/// can vouch for, and whose link therefore leads nowhere. Or when somebody took his objection back in person.
public struct CounterRecord: Sendable, Hashable {
    /// Originals that a clerk can see.
    public enum Proof: String, Sendable, CaseIterable, Codable {
        /// 主体资格证明, such as a licence, a certificate of a legal person, an approval.
        case standing
        /// 法定代表人（负责人）身份证件
        case representativeID = "representative-id"
        /// 授权委托书
        case authorisation
        /// 被授权人身份证件
        case agentID = "agent-id"
        /// 异议人身份证件
        case objectorID = "objector-id"

        /// What a firm that signs can show.
        public static let ofFirms: [Proof] = [.standing, .representativeID, .authorisation, .agentID]

        /// What must have been seen for somebody who signs in a capacity.
        static func needed(for capacity: Capacity) -> Set<Proof> {
            switch capacity {
            case .representative: [.standing, .representativeID]
            case .agent: [.standing, .representativeID, .authorisation, .agentID]
            case .objector: [.objectorID]
            }
        }
    }

    /// As what somebody stood there.
    public enum Capacity: String, Sendable, CaseIterable, Codable {
        case representative, agent
        /// Took his own objection back.
        case objector

        /// As what somebody signs for a firm.
        public static let signing: [Capacity] = [.representative, .agent]
    }

    /// One paper as it lay on the counter to be signed.
    public struct Paper: Sendable, Hashable {
        public let kind: String
        /// SM3 of its text, hexadecimal.
        public let digest: String
    }

    public let id: ID<CounterRecord>
    public let caseID: ID<Case>
    public let signer: String
    public let proofs: Set<Proof>
    /// The name of who signed.
    public let signedBy: String
    public let capacity: Capacity
    /// The clerk's own words: numbers of the papers seen, anything unusual.
    public let words: String
    public let papers: [Paper]
    /// The member of staff in whose presence it was done.
    public let clerk: String
    public let at: Instant
}

/// What the clerk says he saw.
public struct CounterEvidence: Sendable {
    public let proofs: Set<CounterRecord.Proof>
    public let signedBy: String
    public let capacity: CounterRecord.Capacity
    public let words: String

    public init(
        proofs: Set<CounterRecord.Proof>,
        signedBy: String,
        capacity: CounterRecord.Capacity,
        words: String
    ) {
        self.proofs = proofs
        self.signedBy = signedBy
        self.capacity = capacity
        self.words = words
    }
}
