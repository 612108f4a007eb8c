import Credentials
import Forms
import Kernel
import Standards
import Web

/// A licence or seal as a card, with the code by which anybody can check it. Template: `portal/credential`.
struct CredentialCard: PageView {
    let name: String
    /// Where it stands on its page.
    let anchor: String
    let badge: BadgeView
    let rows: SummaryView
    let code: String
    let qrMarkup: Markup
    let verifyHref: String
    let fileHref: String?
    /// Where it is shown by a one-time code; nil for a seal and for what does not stand.
    let presentHref: String?
    /// Where a copy is taken away as OFD or PDF; nil for a seal and for what is not valid.
    let copyHref: String?
    /// Where the kept file is taken away; nil for a seal and for what is not valid.
    /// Of the first page; nil before its file was made.
    let picture: PictureView?
    let isLicence: Bool

    init(
        _ credential: Credential,
        desk: PortalDesk,
        visit: Visit,
        seal: SealStanding? = nil,
        hasFile: Bool = true,
        mayPresent: Bool = false,
        cause: CredentialStep? = nil,
        hasPicture: Bool = false
    ) throws {
        let record = credential.record
        let state = credential.state(on: visit.now.date)
        name =
            visit.language == .en
            ? (try? desk.credentials.types.type(record.type).nameEN) ?? record.name : record.name
        badge =
            seal?.badge(visit)
            ?? BadgeView(visit.text("credential-state.\(state.rawValue)"), state == .valid ? .good : .bad)
        anchor = "credential-\(record.id)"
        code = record.code.description
        verifyHref = record.code.path
        fileHref = hasFile ? "/wallet/\(record.holder.code)/files/\(record.id)" : nil
        presentHref =
            mayPresent && record.sealCode == nil && (state == .valid || state == .suspended)
            ? PresentPages.path(record.holder.code, record.id) : nil
        copyHref =
            mayPresent && record.sealCode == nil && state == .valid
            ? CopyPages.path(record.holder.code, record.id) : nil
        picture =
            hasPicture
            ? PictureView(
                href: "/wallet/\(record.holder.code)/files/\(record.id)/picture",
                words: visit.text("licence.picture", ["name": name, "state": badge.text])
            ) : nil
        qrMarkup = try QRCode.markup(
            desk.address(record.code.path, visit),
            title: visit.text("wallet.qr", ["name": record.name])
        )
        isLicence = record.type == "business-licence"
        rows = SummaryView(
            rows: Self.rows(of: record, desk: desk, visit: visit, isOwn: hasFile)
                + Self.rows(of: cause, visit)
        )
    }

    /// By which decision it does not stand, from when and why.
    private static func rows(of cause: CredentialStep?, _ visit: Visit) -> [SummaryView.Row] {
        guard let cause, let decision = cause.decision else { return [] }
        return [
            .init(visit.text("licence.cause.decision"), decision),
            .init(visit.text("licence.cause.since"), cause.at.minuteText),
            .init(visit.text("licence.cause.reason"), cause.reason),
        ]
    }

    private static let shown = [
        "name", "nameMongolian", "type", "legalRepresentative", "operator", "operation", "capitalText",
        "establishedOn", "address",
        "scope",
        "authority",
    ]

    /// - Parameter isOwn: what stands on a person's licence is for him; others learn that it is there and how it stands.
    private static func rows(of record: CredentialRecord, desk: PortalDesk, visit: Visit, isOwn: Bool)
        -> [SummaryView.Row]
    {
        let isPerson = record.holder.kind == .person
        let holder = isPerson && !isOwn ? record.holder.maskedName : record.holder.name
        var rows: [SummaryView.Row] = [.init(visit.text("licence.holder"), holder)]
        let type = desk.credentials.types.licences[record.type]
        let isByType = isOwn && type?.followsRegister == false
        if isByType, let type {
            rows += type.fields.compactMap { field in
                field.words(of: record.fields[field.key]).map {
                    .init(field.name(visit.language.rawValue), $0)
                }
            }
        }
        if record.holder.kind == .enterprise {
            rows.append(.init(visit.text("licence.creditCode"), record.holder.code))
        }
        for key in shown
        where !isPerson && !isByType && !(key == "name" && record.fields[key].text == record.holder.name) {
            if let text = record.fields[key].text, !text.isEmpty {
                rows.append(.init(visit.text("licence.\(key)"), text))
            }
        }
        if let seal = record.sealCode { rows.append(.init(visit.text("licence.sealCode"), seal)) }
        rows.append(.init(visit.text("licence.identifier"), record.identifier.description))
        rows.append(.init(visit.text("licence.issuer"), record.issuer.name))
        rows.append(.init(visit.text("licence.issuedAt"), record.issuedAt.minuteText))
        rows.append(
            .init(visit.text("licence.until"), record.validUntil?.description ?? visit.text("licence.no-end"))
        )
        return rows
    }
}
