import Audit
public import Kernel
public import Standards
public import Storage

/// What can be done with natural persons.
public enum People {
    /// Makes a person known, as he says he is.
    /// - Parameters:
    ///   - document: read by `Standards.identityDocument`.
    ///   - phone: a mobile number.
    ///   - source: the register that he is taken over from; nil when he says so himself.
    /// - Throws: `documentTaken` when the document belongs to somebody known already.
    @discardableResult
    public static func register(
        name: PersonName,
        document: IdentityDocument,
        birth: LocalDate? = nil,
        phone: PhoneNumber?,
        source: String? = nil,
        keys: IdentityKeys,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Person {
        let id = occasion.newID(Person.self)
        let person = Person(
            id: id,
            name: name.text,
            documentKind: document.kind,
            documentMasked: document.masked,
            birth: document.birth ?? birth,
            phoneMasked: phone?.masked,
            level: .declared,
            faceScore: nil,
            faceCheckedAt: nil,
            faceReference: nil,
            version: 1
        )
        let sealed = try sealed(document, phone, of: id, keys: keys, entropy: occasion.entropy)
        guard try PersonStore.insert(person, sealed, at: occasion.now, in: tx) else {
            throw IdentityError.documentTaken
        }
        try EnterpriseStore.bind(id, key: sealed.documentKey, in: tx)
        var told: JSON = ["name": .string(name.text), "document": .string(document.masked)]
        if let source { told["source"] = .string(source) }
        try AuditLog.append(
            source == nil ? "person.registered" : "person.taken-over",
            object: "person:\(id)",
            after: told,
            occasion: occasion,
            in: tx
        )
        return person
    }

    /// What is kept of the numbers.
    static func sealed(
        _ document: IdentityDocument,
        _ phone: PhoneNumber?,
        of id: ID<Person>,
        keys: IdentityKeys,
        entropy: any Entropy
    ) throws -> PersonStore.Sealed {
        PersonStore.Sealed(
            documentKey: keys.lookup("document", document.lookupText),
            documentSealed: try keys.seal(document.number, label: "person-document:\(id)", entropy: entropy),
            phoneKey: phone.map { keys.lookup("phone", $0.rawValue) },
            phoneSealed: try phone.map {
                try keys.seal($0.rawValue, label: "person-phone:\(id)", entropy: entropy)
            }
        )
    }

    public static func find(_ id: ID<Person>, in reader: any Reader) throws -> Person? {
        try PersonStore.find(id, in: reader)
    }

    /// The person who holds a document.
    public static func find(
        document: IdentityDocument,
        keys: IdentityKeys,
        in reader: any Reader
    ) throws -> Person? {
        try PersonStore.find(documentKey: keys.lookup("document", document.lookupText), in: reader)
    }

    /// How many people bear this name and were born on this day.
    public static func count(name: PersonName, birth: LocalDate, in reader: any Reader) throws -> Int {
        try PersonStore.count(name: name.text, birth: birth, in: reader)
    }

    /// Those who bear this name, the oldest record first.
    public static func named(_ name: String, limit: Int, in reader: any Reader) throws -> [ID<Person>] {
        try PersonStore.named(name, limit: limit, in: reader)
    }

    /// How many people gave this phone as theirs (company-opening R16).
    public static func count(phone: PhoneNumber, keys: IdentityKeys, in reader: any Reader) throws -> Int {
        try PersonStore.count(phoneKey: keys.lookup("phone", phone.rawValue), in: reader)
    }

    /// The police confirmed name and number, or a face check passed.
    /// - Parameters:
    ///   - score: 0...1000, of a face check; whether it is high enough is the caller's rule.
    ///   - reference: the police system's number of the answer, or that of a notarial deed.
    @discardableResult
    public static func verified(
        _ id: ID<Person>,
        as level: RealNameLevel,
        score: Int? = nil,
        reference: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Person {
        guard let person = try PersonStore.find(id, in: tx) else { throw IdentityError.unknownPerson }
        let reached = max(person.level, level)
        guard
            try PersonStore.setLevel(
                reached,
                score: score,
                at: occasion.now,
                reference: reference,
                of: person,
                in: tx
            ),
            let changed = try PersonStore.find(id, in: tx)
        else { throw IdentityError.stale }
        try AuditLog.append(
            "person.verified",
            object: "person:\(id)",
            after: [
                "level": .string(level.rawValue), "score": score.map { JSON($0) } ?? .null,
                "reference": .string(reference),
            ],
            occasion: occasion,
            in: tx
        )
        return changed
    }

    /// Replaces the phone, and the login by it.
    public static func changePhone(
        _ id: ID<Person>,
        to phone: PhoneNumber,
        keys: IdentityKeys,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let person = try PersonStore.find(id, in: tx) else { throw IdentityError.unknownPerson }
        let key = keys.lookup("phone", phone.rawValue)
        let sealed = try keys.seal(phone.rawValue, label: "person-phone:\(id)", entropy: occasion.entropy)
        guard try PersonStore.setPhone(masked: phone.masked, key: key, sealed: sealed, of: person, in: tx)
        else {
            throw IdentityError.stale
        }
        if let account = try AccountStore.find(kind: .person, holder: id.rawValue, in: tx) {
            try AccountStore.removeLogins(of: account.id, kind: .phone, in: tx)
            guard try AccountStore.addLogin(key, kind: .phone, account: account.id, in: tx) else {
                throw IdentityError.phoneTaken
            }
        }
        try AuditLog.append("person.phone-changed", object: "person:\(id)", occasion: occasion, in: tx)
    }

    /// The full document number and phone, for the engine that must give them to a party or to the person
    /// himself. Writes who looked and why.
    public static func document(
        of id: ID<Person>,
        keys: IdentityKeys,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> (number: String, phone: String?) {
        let papers = try opened(id, keys: keys, in: tx)
        if occasion.actor.id != id.rawValue {
            try AuditLog.read(
                "person.document-read",
                object: "person:\(id)",
                of: id.rawValue,
                occasion: occasion,
                in: tx
            )
        }
        return papers
    }

    /// The same for the person himself, who leaves no trace by looking: a page of his own waits for no writer.
    /// - Throws: `IdentityError.unknownPerson`, also when somebody else looks.
    public static func ownDocument(
        of id: ID<Person>,
        keys: IdentityKeys,
        occasion: Occasion,
        in reader: any Reader
    ) throws -> (number: String, phone: String?) {
        guard occasion.actor.id == id.rawValue else { throw IdentityError.unknownPerson }
        return try opened(id, keys: keys, in: reader)
    }

    private static func opened(
        _ id: ID<Person>,
        keys: IdentityKeys,
        in reader: any Reader
    ) throws -> (number: String, phone: String?) {
        guard let sealed = try PersonStore.sealedDocument(id, in: reader) else {
            throw IdentityError.unknownPerson
        }
        return (
            try keys.open(sealed.document, label: "person-document:\(id)"),
            try sealed.phone.map { try keys.open($0, label: "person-phone:\(id)") }
        )
    }
}
