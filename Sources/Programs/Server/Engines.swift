import Audit
import CaseArchive
import Cases
import Catalogue
import Charges
import Changes
import CompanyNames
import CompanyOpening
import Correspondence
import Credentials
import Cryptography
import Deadlines
import Exchange
import Forms
import Foundation
import Identity
import Jobs
import Kernel
import PlainItem
import Registers
import SealEngraving
import SealFiling
import Standards
import Storage

/// The engines of one platform and everything that binds them: the one place where an engine's port meets the
/// engine that answers it.
struct Engines: Sendable {
    let personKeys: PersonKeys
    let identityKeys: IdentityKeys
    let published: PublishedSystems
    let definitions: CaseDefinitions
    let exchange: Exchange
    let correspondence: Correspondence
    let messenger: Messenger
    let credentials: CredentialAuthority
    let presentations: Presentations
    let queries: LicenceQueries
    let copies: HolderCopies
    let originals: LicenceOriginals
    let issuerSeals: IssuerSeals
    let sharing: LicenceSharing
    let recognition: Recognition
    let codes: CodeSource
    let nameRules: NameRules
    let opening: CompanyOpening
    let corrections: Corrections
    let desk: CaseDesk
    /// The working calendar in use, shared by everything that counts days.
    let calendars: CalendarShelf
    let housekeeping: Housekeeping
    let payments: PaymentDesk
    let webhooks: WebhookDelivery
    let seals: SealWorkshop
    let certificates: CertificateOffice
    let archiving: Archiving
    let engraving: Engraving
    let windows: WindowWork
    let runner: JobRunner

    init(
        settings: PlatformSettings,
        standards: Standards,
        database: any Database,
        keys: PlatformKeys,
        secrets: InstallationSecrets,
        keeper: LogKeeper,
        occasion: Occasion
    ) async throws {
        personKeys = PersonKeys(secret: secrets.person)
        identityKeys = IdentityKeys(masterKey: secrets.identity)
        published = settings.shared?.published ?? PublishedSystems()
        definitions = CaseDefinitions(published: published, database: database)
        let folder = ExchangeKeyFolder(path: "\(settings.folder)/exchange-keys")
        let parties = try settings.parties()
        exchange = try Self.exchange(parties, folder: folder, settings: settings, database: database)
        // A party whose key nobody put there is not trusted: nothing it says counts.
        for party in parties.all where folder.knows(party.id) {
            try await exchange.trust(folder.peer(party.id), alone: true, occasion: occasion)
        }
        correspondence = Correspondence(library: try PaperLibrary(home: settings.home))
        messenger = Messenger(templates: try MessageTemplates(home: settings.home), origin: settings.origin)
        credentials = try CredentialAuthority(home: settings.home, keys: keys, database: database)
        let limits = try OperatingLimits(home: settings.home)
        presentations = Presentations(types: credentials.types.licences, database: database) {
            limits.presentation(on: $0)
        }
        let files = try Self.files(settings, credentials, published, database, limits)
        (originals, issuerSeals) = (files.originals, files.seals)
        sharing = LicenceSharing(
            types: credentials.types.licences,
            grants: try SharingGrants(home: settings.home, types: credentials.types.licences),
            files: files.copies,
            database: database
        )
        copies = HolderCopies(types: credentials.types.licences, files: files.copies, database: database)
        let shipped = try ForeignRoots(home: settings.home, types: credentials.types.licences)
        let roots = ForeignRoots(shipped.all + settings.roots)
        recognition = Recognition(types: credentials.types.licences, roots: roots)
        queries = LicenceQueries(types: credentials.types.licences, roots: roots, database: database) {
            limits.presentation(on: $0)
        }
        codes = CodeSource(database: database, standards: standards)
        let tables = try await Self.referenceTables(settings, on: occasion.now.date, database: database)
        nameRules = try NameRules(
            tables: tables,
            standards: standards,
            language: try Language(home: settings.home),
            terms: try Self.nameTerms(settings)
        )
        let book = ReferenceBook(tables: tables)
        opening = CompanyOpening(
            database: database,
            standards: standards,
            nameRules: nameRules,
            book: book,
            jurisdiction: Jurisdiction(
                tables["jurisdiction"] ?? ReferenceTable(kind: "jurisdiction", rows: [])
            ),
            agency: settings.authority,
            powers: try await database.read { try StaffRegister.authority(in: $0) },
            exchange: exchange,
            correspondence: correspondence,
            codes: codes,
            credentials: credentials,
            keys: personKeys,
            identityKeys: identityKeys,
            reasons: try Self.reasons(home: settings.home),
            notify: Self.notify(messenger: messenger, personKeys: personKeys),
            control: try Self.control(settings, database: database, secret: secrets.draw)
        )
        let claims = Claims(
            permissions: try PermissionTable(home: settings.home),
            agencies: DecidingAgencies(authority: settings.authority, agencies: standards.agencies)
        )
        let charging = Charging(
            exchange: exchange,
            database: database,
            clock: settings.clock,
            entropy: settings.entropy,
            agencies: claims.agencies
        )
        payments = charging.desk
        certificates = try CertificateOffice(settings: settings, database: database, authority: credentials)
        let bindings = Bindings(
            exchange: exchange,
            correspondence: correspondence,
            messenger: messenger,
            credentials: credentials,
            opening: opening,
            personKeys: personKeys,
            identityKeys: identityKeys,
            standards: standards,
            claims: claims,
            charging: charging,
            elsewhere: Self.elsewhere(credentials, certificates, limits, database),
            database: database
        )
        let plain = PlainItem.Tools(
            database: database,
            standards: standards,
            correspondence: correspondence,
            credentials: credentials,
            press: try ApplicationPress(
                home: settings.home,
                press: Presses.shared(settings.home, limits: limits, on: settings.clock.now.date).0
            ),
            personKey: { [personKeys] in personKeys.person(idKind: $0, idNumber: $1) }
        )
        calendars = CalendarShelf(base: standards.calendar)
        desk = CaseDesk(
            database: database,
            clock: settings.clock,
            calendars: calendars,
            ports: bindings.casePorts,
            modules: [opening],
            plain: { [plain] in PlainItem($0, tools: plain) },
            definitions: definitions,
            codes: Self.formCodes(standards, book: book),
            ladders: try WarningLadders(home: settings.home)
        )
        corrections = Corrections(opening: opening, definitions: definitions)
        housekeeping = Housekeeping(
            database: database,
            clock: settings.clock,
            retention: try Retention(home: settings.home),
            blobs: settings.blobs,
            claims: claims,
            entropy: settings.entropy
        )
        webhooks = WebhookDelivery(
            database: database,
            clock: settings.clock,
            networks: settings.webhookNetworks,
            pace: { limits.webhooks(on: $0) }
        )
        windows = WindowWork(
            database: database,
            clock: settings.clock,
            clocks: try MovedClocks(home: settings.home),
            entropy: settings.entropy
        )
        seals = try SealWorkshop(settings: settings, database: database, authority: credentials)
        engraving = try Engraving(settings: settings, exchange: exchange)
        archiving = try Archiving(
            settings: settings,
            database: database,
            keeper: keeper,
            credentials: credentials,
            lists: certificates.lists,
            desk: desk,
            exchange: exchange,
            opening: opening
        )
        let sms = try MessageFile.read(
            String(contentsOfFile: settings.home.resource("messages/zh/identity.yaml"), encoding: .utf8)
        )
        runner = JobRunner(
            database: database,
            clock: settings.clock,
            kinds: exchange.jobKinds + bindings.jobKinds(database: database, settings: settings)
                + Self.timers(settings: settings, calendars: calendars, database: database, rules: nameRules)
                + desk.jobKinds(clock: settings.clock, entropy: settings.entropy)
                + [
                    housekeeping.kind, webhooks.kind, windows.kind(calendars: calendars),
                    opening.publicationTimer(clock: settings.clock), charging.reconciliation,
                    archiving.work.jobKind, archiving.renewals.jobKind,
                    originals.jobKind(clock: settings.clock, entropy: settings.entropy),
                    StampRecovery(
                        originals: originals,
                        authority: credentials,
                        lists: certificates.lists,
                        keeper: keeper,
                        clock: settings.clock,
                        entropy: settings.entropy
                    ).jobKind,
                ]
                + opening.control.jobKinds
                + seals.jobKinds(clock: settings.clock, entropy: settings.entropy)
                + [certificates.lists.jobKind(clock: settings.clock, entropy: settings.entropy)],
            subscribers: bindings.subscribers(
                desk: desk,
                calendars: calendars,
                identityKeys: identityKeys,
                codeText: sms["sms.code"] ?? "{code}"
            ) + [
                opening.publicationSubscriber, opening.nameSubscriber, Seals.follower(clock: settings.clock),
                Certificates.follower(keys: keys, clock: settings.clock),
                opening.sealFilingSubscriber(clock: settings.clock),
                SealFiling(exchange: exchange).subscriber(clock: settings.clock),
                FollowingPapers(opening: opening, origin: settings.origin).subscriber,
                archiving.work.subscriber, engraving.subscriber(clock: settings.clock), originals.subscriber,
                try LicenceMessages(
                    messenger: messenger,
                    personKeys: personKeys,
                    identityKeys: identityKeys,
                    types: credentials.types.licences,
                    home: settings.home
                ).subscriber,
            ] + charging.subscribers(desk: desk)
        )
    }

    /// The daily draw for later control; its seeds lie sealed under a secret of this installation until they are public.
    private static func control(_ settings: PlatformSettings, database: any Database, secret: [UInt8])
        throws -> ControlSample
    {
        let limits = try OperatingLimits(home: settings.home)
        return ControlSample(
            database: database,
            box: SealedBox(masterKey: secret),
            clock: settings.clock,
            entropy: settings.entropy,
            daysAfter: { limits.value(.drawPublication, on: $0) }
        )
    }

    private static func exchange(
        _ parties: Parties,
        folder: ExchangeKeyFolder,
        settings: PlatformSettings,
        database: any Database
    ) throws -> Exchange {
        Exchange(
            parties: parties,
            signer: try folder.signer("platform"),
            transport: settings.transport ?? PartyAddresses.http(parties),
            database: database,
            clock: settings.clock,
            entropy: settings.entropy
        )
    }

    /// Codes in forms are judged by the reference data and the scope catalogue.
    private static func formCodes(_ standards: Standards, book: ReferenceBook) -> FormCodes {
        var codes = FormCodes(standards)
        codes.scope = { code, day in
            book.phrase(code, on: day).map { Words(zh: $0["text_zh"], en: $0["text_en"]) }
        }
        return codes
    }

    /// What falls due by itself: legal clocks and the terms of names.
    private static func timers(
        settings: PlatformSettings,
        calendars: CalendarShelf,
        database: any Database,
        rules: NameRules
    ) -> [JobKind] {
        let clocks = DeadlineTimers.kind(
            database: database,
            calendars: calendars,
            clock: settings.clock,
            entropy: settings.entropy
        )
        return [clocks] + NameJobs.kinds(database: database, clock: settings.clock) { rules }
    }

    /// The dated terms of names, of the very folder that is published.
    static func nameTerms(_ settings: PlatformSettings) throws -> DatedLimits {
        guard let files = settings.systems?["company-opening"], let limits = files["limits.yaml"] else {
            return try NameRules.shippedTerms(home: settings.home)
        }
        return try DatedLimits(yaml: String(decoding: limits, as: UTF8.self), file: "limits.yaml")
    }

    /// The Chinese words of the rules' reasons.
    private static func reasons(home: Home) throws -> ReasonText {
        let text = try String(contentsOfFile: home.resource("messages/zh/reasons.yaml"), encoding: .utf8)
        return ReasonText(try MessageFile.read(text))
    }

    /// Where a signing link leads, before its secret.
    private static let signingPath = "/sign/"

    /// Where an objection is taken back, before the secret.
    private static let takeBackPath = "/objections/"

    /// Where the link of a message about a case leads: to the papers, to the page of the objection, or to where one is
    /// taken back.
    private static func link(of kind: String, _ secret: String) -> String {
        switch kind {
        case "named-person", "objection-taken-back", "objection-settled": "\(signingPath)\(secret)/objection"
        case "objection-link": takeBackPath + secret
        default: signingPath + secret
        }
    }

    /// The digest by which a case knows the link of a message; nil for one that it never takes out, such as that to the
    /// page of the objection.
    static func digest(ofLink link: String) -> String? {
        let secret = link.split(separator: "/").dropFirst().joined(separator: "/")
        if link.hasPrefix(takeBackPath) { return TakeBackSecret.digest(secret) }
        return link.hasPrefix(signingPath) && !secret.contains("/") ? SigningLink.digest(secret) : nil
    }

    static func notify(
        messenger: Messenger,
        personKeys: PersonKeys
    ) -> @Sendable (Case, CaseMessage, Occasion, any Transaction) throws -> Void {
        { subject, message, occasion, tx in
            let secret = message.arguments["secret"]
            _ = try messenger.send(
                Note(
                    template: message.kind,
                    caseNumber: subject.number,
                    recipient: personKeys.phone(message.phone),
                    phone: message.phone.isEmpty ? nil : message.phone,
                    link: secret.map { link(of: message.kind, $0) } ?? "/cases/\(subject.number)",
                    values: message.arguments.filter { $0.key != "secret" }.merging(words(message)) { $1 }
                ),
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Roles and changed papers in words; the case engine knows only names and numbers.
    private static func words(_ message: CaseMessage) -> [String: String] {
        if let paper = message.arguments["paper"], let count = message.arguments["count"] {
            let isOne = count == "1"
            return [
                "papers": isOne ? "《\(paper)》" : "《\(paper)》等\(count)份文件",
                "papers-en": isOne ? "“\(paper)”" : "“\(paper)” and others (\(count) papers)",
            ]
        }
        guard let roles = message.arguments["role"] else { return [:] }
        let known = roles.split(separator: ",").map { ($0, NamedPerson.Role(rawValue: String($0))) }
        return [
            "role": known.map { $1?.chinese ?? String($0) }.joined(separator: "、"),
            "role-en": known.map { $1?.english ?? String($0) }.joined(separator: ", "),
        ]
    }
}
