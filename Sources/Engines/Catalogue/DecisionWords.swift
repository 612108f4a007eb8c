public import Forms

/// What deciding an item is called. Each kind of matter has words of its own in law: a licence is granted, a fact is
/// confirmed, a registration is approved; what has others, such as a notary's certificate, says so in its definition.
public struct DecisionWords: Sendable, Hashable {
    /// What whoever decides does.
    public let grant: Words
    /// How it stands afterwards.
    public let granted: Words
    public let refuse: Words
    public let refused: Words
    /// What can be done against a refusal where that is neither review nor suit; nil for an authority's decision.
    public let remedies: Words?

    /// - Parameter act: `grant`, `granted`, `refuse` or `refused`: what is done, or the state that it leads to.
    /// - Returns: nil for every other act and state, which are called the same for all items.
    public func said(_ act: String, _ language: String) -> String? {
        switch act {
        case "grant": grant(language)
        case "granted": granted(language)
        case "refuse": refuse(language)
        case "refused": refused(language)
        default: nil
        }
    }
}

extension DecisionWords {
    /// - Parameters:
    ///   - node: `decision` of an item; nil when it says nothing.
    ///   - procedure: the kind whose words stand where the item has none.
    init(_ node: SourceNode?, of procedure: ProcedureProfile) throws(DefinitionError) {
        let usual = Self.usual(procedure)
        let map = try node?.map(["grant", "granted", "refuse", "refused", "remedies"])
        grant = try map?["grant"]?.bilingual() ?? usual.grant
        granted = try map?["granted"]?.bilingual() ?? usual.granted
        refuse = try map?["refuse"]?.bilingual() ?? usual.refuse
        refused = try map?["refused"]?.bilingual() ?? usual.refused
        remedies = try map?["remedies"]?.bilingual()
    }

    private init(
        _ zh: (yes: String, no: String),
        grant: String,
        granted: String,
        refuse: String,
        refused: String
    ) {
        self.grant = Words(zh: zh.yes, en: grant)
        self.granted = Words(zh: zh.yes, en: granted)
        self.refuse = Words(zh: zh.no, en: refuse)
        self.refused = Words(zh: zh.no, en: refused)
        remedies = nil
    }

    private static func usual(_ procedure: ProcedureProfile) -> DecisionWords {
        switch procedure {
        case .licence:
            DecisionWords(
                ("准予许可", "不予许可"),
                grant: "Grant the licence",
                granted: "Licence granted",
                refuse: "Refuse the licence",
                refused: "Licence refused"
            )
        case .registration:
            DecisionWords(
                ("准予登记", "不予登记"),
                grant: "Approve registration",
                granted: "Registration approved",
                refuse: "Refuse registration",
                refused: "Registration refused"
            )
        case .filing:
            DecisionWords(
                ("予以备案", "不予备案"),
                grant: "Put on file",
                granted: "Put on file",
                refuse: "Refuse to file",
                refused: "Not put on file"
            )
        case .confirmation:
            DecisionWords(
                ("予以确认", "不予确认"),
                grant: "Confirm",
                granted: "Confirmed",
                refuse: "Refuse to confirm",
                refused: "Not confirmed"
            )
        case .payment:
            DecisionWords(
                ("予以给付", "不予给付"),
                grant: "Award the payment",
                granted: "Payment awarded",
                refuse: "Refuse the payment",
                refused: "Payment refused"
            )
        case .publicService:
            DecisionWords(
                ("予以办理", "不予办理"),
                grant: "Carry out",
                granted: "Carried out",
                refuse: "Refuse to carry out",
                refused: "Not carried out"
            )
        case .ownMotion:
            DecisionWords(
                ("作出处理", "不予处理"),
                grant: "Take measures",
                granted: "Measures taken",
                refuse: "Take no measures",
                refused: "No measures taken"
            )
        }
    }
}
