import CompanyNames
import Credentials
import Cryptography
import Identity
import Kernel
import Registers
import Standards
import Storage

/// Compares rows with what is here, and keeps those that are new.
struct StockKeeping: Sendable {
    let mapping: StockMapping
    let keys: IdentityKeys
    /// Code of the body that registers where the source names none.
    let agency: String
    let names: NameRules
    let jurisdiction: Jurisdiction

    /// What can be said of a row only by what is here already.
    func findings(of row: StockRow, _ values: StockValues, in reader: any Reader) throws -> [StockFinding] {
        func found(_ code: String, _ arguments: [String: String] = [:]) -> [StockFinding] {
            [StockFinding(row.line, "", code, arguments)]
        }
        switch mapping.kind {
        case .person:
            guard let document = values.documents["document"], let name = values.texts["name"] else {
                return []
            }
            if let known = try People.find(document: document, keys: keys, in: reader) {
                return PersonName.areSame(known.name, name)
                    ? found("stock.there") : found("stock.document-kept")
            }
            guard let birth = document.birth ?? values.days["birth"], let name = try? PersonName(name),
                try People.count(name: name, birth: birth, in: reader) > 0
            else { return [] }
            return found("stock.suspect-kept")
        case .enterprise:
            guard let code = values.texts["code"] else { return [] }
            if let known = try RegisterStore.find(code, in: reader) {
                return known.name == values.texts["name"]
                    ? found("stock.there") : found("stock.code-kept", ["name": known.name])
            }
            guard let old = values.texts["oldNumber"],
                let other = try LinkStore.codes(Self.oldNumber, key: old, in: reader).first
            else { return [] }
            return found("stock.old-number-kept", ["code": other])
        case .licence:
            guard let licence = try licence(values, id: ID(""), in: reader) else { return [] }
            let known = try TakenLicences.find(
                number: licence.number,
                type: licence.type,
                issuer: licence.issuer,
                in: reader
            )
            if let known {
                return known.holder == licence.holder ? found("stock.there") : found("stock.number-kept")
            }
            return try isKnown(licence.holder, in: reader) ? [] : found("stock.no-holder")
        }
    }

    /// Keeps what a row says.
    /// - Returns: the object that it is now.
    func keep(
        _ row: StockRow,
        _ values: StockValues,
        of id: ID<StockImport>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> String {
        switch mapping.kind {
        case .person:
            guard let document = values.documents["document"], let name = values.texts["name"] else { break }
            let person = try People.register(
                name: PersonName(name),
                document: document,
                birth: values.days["birth"],
                phone: values.texts["phone"].map { try PhoneNumber($0) },
                source: mapping.source,
                keys: keys,
                occasion: occasion,
                in: tx
            )
            return "person:\(person.id)"
        case .enterprise:
            guard let subject = subject(values, now: occasion.now) else { break }
            return try enter(subject, values, of: id, occasion: occasion, in: tx)
        case .licence:
            guard let licence = try licence(values, id: occasion.newID(), in: tx) else { break }
            _ = try TakenLicences.keep(licence, occasion: occasion, in: tx)
            return "licence:\(licence.id)"
        }
        throw StorageError.noRow
    }

    /// The object that a row says is here already.
    func object(_ values: StockValues, in reader: any Reader) throws -> String? {
        switch mapping.kind {
        case .person:
            guard let document = values.documents["document"] else { return nil }
            return try People.find(document: document, keys: keys, in: reader).map { "person:\($0.id)" }
        case .enterprise: return values.texts["code"].map { "enterprise:\($0)" }
        case .licence:
            guard let licence = try licence(values, id: ID(""), in: reader) else { return nil }
            return try TakenLicences.find(
                number: licence.number,
                type: licence.type,
                issuer: licence.issuer,
                in: reader
            ).map { "licence:\($0.id)" }
        }
    }

    // MARK: - Enterprises

    /// Joins an enterprise to the number that it had before credit codes.
    private static let oldNumber = "old-number"

    private func subject(_ values: StockValues, now: Instant) -> RegisterSubject? {
        guard let code = values.texts["code"], let name = values.texts["name"],
            let register = values.texts["register"],
            let state = values.texts["state"].flatMap(SubjectState.init(rawValue:)),
            let region = values.texts["region"], let established = values.days["established"]
        else { return nil }
        let isCompany = register == "company"
        var items: JSON = ["name": .string(name), "source": .string(mapping.source)]
        for item in ["type", "address", "scope", "oldNumber"] {
            if let text = values.texts[item] { items[item] = .string(text) }
        }
        if let representative = values.texts["legalRepresentative"] {
            items[isCompany ? "legalRepresentative" : "operator"] = .string(representative)
        }
        if isCompany, let capital = values.capital { items["capitalFen"] = JSON(capital) }
        if let until = values.days["termUntil"] { items["termUntil"] = .string(until.description) }
        return RegisterSubject(
            register: register,
            code: code,
            name: name,
            state: state,
            region: region,
            agency: values.texts["agency"] ?? agency,
            establishedOn: established,
            items: items,
            isLegacy: values.isLegacy,
            version: 1,
            updatedAt: now
        )
    }

    /// The register's entry, the enterprise as an actor, and its name in the library, so that nobody else gets it.
    private func enter(
        _ subject: RegisterSubject,
        _ values: StockValues,
        of id: ID<StockImport>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> String {
        try Register.takeOver(
            subject,
            links: values.texts["oldNumber"].map { [(Self.oldNumber, $0)] } ?? [],
            basis: "import:\(id)",
            occasion: occasion,
            in: tx
        )
        try Enterprises.enter(
            code: subject.code,
            name: subject.name,
            state: subject.state.asActor,
            representative: values.documents["representativeDocument"],
            region: subject.region,
            agency: subject.agency,
            keys: keys,
            occasion: occasion,
            in: tx
        )
        if subject.state != .cancelled, subject.state != .withdrawn, let borne = borne(by: subject) {
            _ = try NameLibrary.load([borne], under: names, occasion: occasion, in: tx)
        }
        return "enterprise:\(subject.code)"
    }

    /// The name taken apart; nil for one that cannot be.
    func borne(by subject: RegisterSubject) -> NameLibrary.Borne? {
        let kind: NameSubject = subject.register == "company" ? .limitedCompany : .soleTrader
        guard let parts = try? names.parse(subject.name, subject: kind) else { return nil }
        return NameLibrary.Borne(
            parts: parts,
            subject: kind,
            scope: library(of: subject, kind),
            region: subject.region,
            enterprise: subject.code,
            industry: nil
        )
    }

    /// The library in which the name has to be alone, as for a name that is applied for there today.
    private func library(of subject: RegisterSubject, _ kind: NameSubject) -> String {
        jurisdiction.authority(
            region: subject.region,
            subject: kind,
            capital: subject.items["capitalFen"].int.map { Money(fen: $0) },
            owner: .domestic,
            on: subject.updatedAt.date
        )?.nameScope ?? subject.region
    }

    // MARK: - Licences

    private func licence(_ values: StockValues, id: ID<TakenLicence>, in reader: any Reader) throws
        -> TakenLicence?
    {
        guard let number = values.texts["number"], let type = values.texts["type"],
            let name = values.texts["name"], let holderName = values.texts["holderName"],
            let issuer = values.texts["issuer"],
            let state = values.texts["state"].flatMap(CredentialState.init(rawValue:)),
            let holder = try holder(values, name: holderName, in: reader)
        else { return nil }
        return TakenLicence(
            id: id,
            number: number,
            type: type,
            name: name,
            holder: holder,
            issuer: issuer,
            region: values.texts["region"],
            state: state,
            validFrom: values.days["validFrom"],
            validUntil: values.days["validUntil"],
            source: mapping.source,
            fields: values.licence
        )
    }

    /// A person is named by his account here, or by the masked number until he has one: never by the number.
    private func holder(_ values: StockValues, name: String, in reader: any Reader) throws -> Holder? {
        if let code = values.texts["holder"] { return Holder(.enterprise, code: code, name: name) }
        guard let document = values.documents["holder"] else { return nil }
        let known = try People.find(document: document, keys: keys, in: reader)
        return Holder(.person, code: known?.id.rawValue ?? document.masked, name: name)
    }

    private func isKnown(_ holder: Holder, in reader: any Reader) throws -> Bool {
        switch holder.kind {
        case .enterprise: try RegisterStore.find(holder.code, in: reader) != nil
        case .person: try People.find(ID(holder.code), in: reader) != nil
        }
    }
}

extension SubjectState {
    /// Whether its people may act for it here.
    fileprivate var asActor: EnterpriseState {
        switch self {
        case .active: .active
        case .dormant: .dormant
        case .revoked: .licenceRevoked
        case .withdrawn: .registrationRevoked
        case .cancelled: .cancelled
        }
    }
}
