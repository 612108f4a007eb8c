import Credentials
import Kernel
import Storage
import Web

/// 个人证照: a person's own licences stand in the wallet under his account, beside those of his enterprises.
enum OwnWallet {
    /// His line in the list; nil when he holds none.
    static func line(_ visit: Visit, _ desk: PortalDesk, in reader: any Reader) throws -> TaskListView.Task? {
        let person = try visit.someone().actor.id
        guard try desk.may(WalletPages.reads, for: person, visit, in: reader) else { return nil }
        let held = try Credentials.held(by: person, in: reader)
        let taken = try TakenLicences.held(by: person, in: reader)
        guard !held.isEmpty || !taken.isEmpty else { return nil }
        let valid = held.count { $0.state(on: visit.now.date) == .valid }
        return TaskListView.Task(
            visit.text("wallet.own"),
            hint: visit.text("wallet.own.line", ["count": String(valid + taken.count)]),
            href: "/wallet/\(person)",
            badge: BadgeView(visit.text("wallet.own.badge"), .info)
        )
    }

    static func show(_ person: String, _ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let (held, causes, drawn, taken, mayPresent) = try await desk.database.read { reader in
            try desk.require(WalletPages.reads, for: person, visit, in: reader)
            let held = try Credentials.held(by: person, in: reader)
            return (
                held, try Credentials.causes(of: held, in: reader),
                try LicenceOriginals.drawn(held, in: reader),
                try TakenLicences.held(by: person, in: reader),
                try desk.may(PresentPages.presents, for: person, visit, in: reader)
            )
        }
        let page = OwnWalletPage(
            cards: try held.filter { $0.state(on: visit.now.date) != .replaced }.map {
                try CredentialCard(
                    $0,
                    desk: desk,
                    visit: visit,
                    mayPresent: mayPresent,
                    cause: causes[$0.id],
                    hasPicture: drawn.contains($0.id)
                )
            },
            taken: taken.isEmpty ? nil : TaskListView(taken.map { FirmPage.line($0, visit: visit) }),
            usesHref: UsePages.path(person)
        )
        return .page(
            "portal/wallet-own",
            page,
            heading: Heading(
                visit.text("wallet.own"),
                crumbs: [.init(visit.text("wallet.title"), href: "/wallet")],
                section: "wallet"
            )
        )
    }
}

/// Template: `portal/wallet-own`.
struct OwnWalletPage: PageView {
    let cards: [CredentialCard]
    /// Licences of other registers; nil when there are none.
    let taken: TaskListView?
    let usesHref: String
}
