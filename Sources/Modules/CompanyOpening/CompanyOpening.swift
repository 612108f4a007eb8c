public import Cases
public import CompanyNames
public import Correspondence
public import Credentials
public import Exchange
public import Identity
public import Kernel
public import Registers
public import Standards
public import Storage

/// Opening a business: what this system needs beyond its folder of data. It gathers the facts of the rules R1-R18,
/// generates the papers, and carries out a registration in one transaction.
public struct CompanyOpening: CaseModule {
    public let name = "company-opening"

    let database: any Database
    let standards: Standards
    let nameRules: NameRules
    public let book: ReferenceBook
    let jurisdiction: Jurisdiction
    /// Code in `agencies.tsv` of the agency that registers.
    let agency: String
    /// Mergers and delegations, which change whose power it is.
    let powers: Shelf<AuthorityTable>
    let exchange: Exchange
    let correspondence: Correspondence
    let codes: CodeSource
    let credentials: CredentialAuthority
    let keys: PersonKeys
    let identityKeys: IdentityKeys
    let reasons: ReasonText
    /// Sends a short message about a case.
    let notify: @Sendable (Case, CaseMessage, Occasion, any Transaction) throws -> Void
    /// The daily draw for later control.
    public let control: ControlSample

    public init(
        database: any Database,
        standards: Standards,
        nameRules: NameRules,
        book: ReferenceBook,
        jurisdiction: Jurisdiction,
        agency: String,
        powers: AuthorityTable,
        exchange: Exchange,
        correspondence: Correspondence,
        codes: CodeSource,
        credentials: CredentialAuthority,
        keys: PersonKeys,
        identityKeys: IdentityKeys,
        reasons: ReasonText,
        notify: @escaping @Sendable (Case, CaseMessage, Occasion, any Transaction) throws -> Void,
        control: ControlSample
    ) {
        self.database = database
        self.standards = standards
        self.nameRules = nameRules
        self.book = book
        self.jurisdiction = jurisdiction
        self.agency = agency
        self.powers = Shelf(powers)
        self.exchange = exchange
        self.correspondence = correspondence
        self.codes = codes
        self.credentials = credentials
        self.keys = keys
        self.identityKeys = identityKeys
        self.reasons = reasons
        self.notify = notify
        self.control = control
    }

    /// Looks things up in these tables from now on, by kind.
    public func takeOver(_ tables: [String: ReferenceTable]) {
        book.replace(by: ReferenceBook(tables: tables))
        jurisdiction.replace(
            by: Jurisdiction(tables["jurisdiction"] ?? ReferenceTable(kind: "jurisdiction", rows: []))
        )
    }

    /// Whether a case is one of its own: what follows from papers and lines of other systems is not its business.
    func runs(_ subject: Case) -> Bool { subject.system == name }

    public func applicantPhone(in data: JSON) -> String { data["applicant"]["phone"].text ?? "" }

    /// Brand and trade: where it is and of what form are half of all others too.
    public func telling(_ data: JSON) -> String {
        let form = CompanyForm(data)
        guard form.hasName, let brand = data["name"]["brand"].text else { return title(of: data) }
        return brand + (data["name"]["trade"].text ?? "")
    }

    public func title(of data: JSON) -> String {
        let form = CompanyForm(data)
        if form.hasName, let full = form.fullName, !full.isEmpty { return full }
        if form.kind == .llc { return "有限责任公司设立" }
        // Without a name the business goes by its operator; whoever only has the number does not see him whole.
        guard data["name"]["hasName"].bool == false, let person = data["operator"]["name"].text,
            !person.isEmpty
        else {
            return "个体工商户设立"
        }
        return "\(PersonMask.name(person))（个体工商户）"
    }

    public func authority(for data: JSON, on date: LocalDate) throws -> (region: String, agency: String) {
        let form = CompanyForm(data)
        guard let division = standards.regions[form.district] else {
            throw RegisterError.unknownRegion(form.district)
        }
        let registering = registering(
            of: division.code,
            subject: form.kind == .llc ? .limitedCompany : .soleTrader,
            capital: Money(fen: form.capital),
            on: date
        )
        return (registering.region, registering.body?.code ?? "")
    }

    /// The full name of a division, for addresses: league and banner.
    func regionName(_ code: String) -> String { standards.regions.fullName(of: code) }

    /// The draw that decides whether the case is controlled later is kept with its grant, and with nothing else.
    public func decided(_ subject: Case, facts: Facts, occasion: Occasion, in tx: any Transaction) throws {
        guard subject.state == .granted else { return }
        try control.keep(facts.values["sample"], of: subject, occasion: occasion, in: tx)
    }

    public func received(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws {
        let form = CompanyForm(subject.data)
        // A form that came back and takes another name lets go of the one it held: its term runs again.
        try letGo(of: subject, keeping: form.hasName ? form.reservation : nil, occasion: occasion, in: tx)
        guard let entry = try reservation(of: form, for: subject, occasion: occasion, in: tx) else { return }
        try HoldName.hold(entry.id, for: subject.id.rawValue, occasion: occasion, in: tx)
    }

    /// The case ended without a registration: the name is the applicant's again, the complaints of named persons
    /// have nothing left to complain of, and those who were asked to sign learn that it is over.
    public func released(_ subject: Case, by event: CaseEvent, occasion: Occasion, in tx: any Transaction)
        throws
    {
        try ObjectionStore.closeAll(
            of: subject.id,
            as: .accepted,
            outcome: "case.\(subject.state.rawValue)",
            at: occasion.now,
            in: tx
        )
        if event == .withdraw { try tellSigners(subject, occasion: occasion, in: tx) }
        try letGo(of: subject, keeping: nil, occasion: occasion, in: tx)
    }

    /// Ends the hold on every name that the case holds but one; whatever was left of their terms runs again.
    private func letGo(
        of subject: Case,
        keeping kept: String?,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let caseID = subject.id.rawValue
        for entry in try NameLibrary.held(by: caseID, of: subject.applicant, in: tx)
        where entry.id.rawValue != kept {
            try HoldName.unhold(entry.id, by: caseID, under: nameRules, occasion: occasion, in: tx)
        }
    }

    /// The applicant does not want the name any more either: it is free for others at once.
    /// - Returns: whether there was one to free.
    public func freed(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws -> Bool {
        guard let id = CompanyForm(subject.data).reservation,
            let entry = try NameLibrary.find(ID(id), in: tx), entry.state == .reserved,
            entry.owner == subject.applicant
        else { return false }
        try ReleaseName.run(entry.id, occasion: occasion, in: tx)
        return true
    }

    /// Everybody who was asked to sign, but the applicant himself, who knows.
    private func tellSigners(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws {
        let form = CompanyForm(subject.data)
        let applicant = NamedPerson(form.data["applicant"], role: .applicant).map(personKey)
        for signer in try SignerStore.state(of: subject.id, in: tx).active where signer.key != applicant {
            try notify(
                subject,
                CaseMessage(kind: "withdrawn", phone: signer.phone, arguments: ["company": subject.title]),
                occasion,
                tx
            )
        }
    }

    /// The live reservation that the form uses, when it is the applicant's own and no case holds it.
    private func reservation(
        of form: CompanyForm,
        for subject: Case,
        occasion: Occasion,
        in reader: any Reader
    ) throws -> Reservation? {
        guard form.hasName, let id = form.reservation,
            let entry = try NameLibrary.find(ID(id), in: reader), entry.state == .reserved,
            entry.owner == subject.applicant, entry.isLive(at: occasion.now)
        else { return nil }
        return entry
    }

    /// Whether the scope holds a phrase whose approval comes before the registration.
    func needsApproval(_ form: CompanyForm, on date: LocalDate) -> Bool {
        form.scope.contains { book.phrase($0, on: date)?["permit_timing"] == "before" }
    }
}
