public import Kernel

/// The content of a request to a party, inside the signature.
public struct Letter: Hashable, Sendable {
    public var operation: String
    public var caseNumber: String
    public var creditCode: String
    public var purpose: String
    public var consent: String
    /// Once only: the same key again is the same request, whatever its message and nonce.
    public var key: String
    public var fields: JSON

    public init(
        operation: String,
        caseNumber: String,
        creditCode: String,
        purpose: String,
        consent: String,
        key: String,
        fields: JSON
    ) {
        self.operation = operation
        self.caseNumber = caseNumber
        self.creditCode = creditCode
        self.purpose = purpose
        self.consent = consent
        self.key = key
        self.fields = fields
    }

    public var json: JSON {
        [
            "version": 1, "operation": .string(operation), "case": .string(caseNumber),
            "creditCode": .string(creditCode), "purpose": .string(purpose), "consent": .string(consent),
            "key": .string(key), "fields": fields,
        ]
    }

    /// - Returns: nil when a member is missing or has the wrong shape.
    public init?(_ json: JSON) {
        guard json["version"] == 1, let operation = json["operation"].text,
            let caseNumber = json["case"].text,
            let creditCode = json["creditCode"].text, let purpose = json["purpose"].text,
            let consent = json["consent"].text, let key = json["key"].text, case .object = json["fields"]
        else { return nil }
        self.init(
            operation: operation,
            caseNumber: caseNumber,
            creditCode: creditCode,
            purpose: purpose,
            consent: consent,
            key: key,
            fields: json["fields"]
        )
    }
}

/// What a party says about a request: at once in its answer, or later by calling back.
public struct Report: Hashable, Sendable {
    public enum Status: String, Sendable, CaseIterable, Codable {
        /// A question's answer.
        case answered
        /// A question is refused.
        case refused
        case received, working, done, returned, personNeeded

        /// What it means for a line; nil for the answer to a question.
        public var event: LineEvent? {
            switch self {
            case .answered, .refused: nil
            case .received: .received
            case .working: .working
            case .done: .done
            case .returned: .returned
            case .personNeeded: .personNeeded
            }
        }
    }

    public var operation: String
    public var caseNumber: String
    public var creditCode: String
    /// The key of the request that it speaks of.
    public var key: String
    public var status: Status
    public var answer: JSON
    public var reasonCode: String?
    public var reasonText: String?
    /// The moment that the data are of.
    public var dataTime: Instant

    public init(
        operation: String,
        caseNumber: String,
        creditCode: String,
        key: String,
        status: Status,
        answer: JSON = [:],
        reasonCode: String? = nil,
        reasonText: String? = nil,
        dataTime: Instant
    ) {
        self.operation = operation
        self.caseNumber = caseNumber
        self.creditCode = creditCode
        self.key = key
        self.status = status
        self.answer = answer
        self.reasonCode = reasonCode
        self.reasonText = reasonText
        self.dataTime = dataTime
    }

    public var json: JSON {
        [
            "version": 1, "operation": .string(operation), "case": .string(caseNumber),
            "creditCode": .string(creditCode), "key": .string(key), "status": .string(status.rawValue),
            "answer": answer, "reasonCode": JSON(reasonCode), "reasonText": JSON(reasonText),
            "dataTime": JSON(dataTime.milliseconds),
        ]
    }

    /// - Returns: nil when a member is missing or has the wrong shape.
    public init?(_ json: JSON) {
        guard json["version"] == 1, let operation = json["operation"].text,
            let caseNumber = json["case"].text,
            let creditCode = json["creditCode"].text, let key = json["key"].text,
            let status = json["status"].text.flatMap(Status.init(rawValue:)), case .object = json["answer"],
            let dataTime = json["dataTime"].int
        else { return nil }
        self.init(
            operation: operation,
            caseNumber: caseNumber,
            creditCode: creditCode,
            key: key,
            status: status,
            answer: json["answer"],
            reasonCode: json["reasonCode"].text,
            reasonText: json["reasonText"].text.map { String($0.prefix(500)) },
            dataTime: Instant(milliseconds: dataTime)
        )
    }

    /// Whether it speaks of what `letter` asked.
    public func answers(_ letter: Letter) -> Bool {
        operation == letter.operation && caseNumber == letter.caseNumber && creditCode == letter.creditCode
            && key == letter.key
    }
}
