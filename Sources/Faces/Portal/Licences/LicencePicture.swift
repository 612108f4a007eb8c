import Credentials
import Forms
import Kernel
import Storage
import Web

/// A small picture of a licence's first page, for its holder. The file itself is handed out as an annotated copy only.
enum LicencePicture {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/wallet/{code}/files/{credential}/picture",
                who: .applicants,
                scope: .relation,
                zh: "证照首页图",
                en: "Picture of a licence"
            ) { visit in
                let found = try await licence(visit, desk)
                let state = found.state(on: visit.now.date)
                guard
                    let png = try await desk.originals.picture(
                        of: found.id,
                        mark: state == .valid ? nil : visit.text("credential-state.\(state.rawValue)"),
                        on: visit.now.date
                    )
                else { throw WebRefusal.notFound }
                return .file(png, type: "image/png")
            }
        ]
    }

    private static func licence(_ visit: Visit, _ desk: PortalDesk) async throws -> Credential {
        let id = ID<Credential>(try visit.segment("credential"))
        let found = try await desk.database.read { reader in
            let code = try visit.segment("code")
            try desk.require(WalletPages.reads, for: code, visit, in: reader)
            return try Credentials.find(id, in: reader).flatMap { $0.record.holder.code == code ? $0 : nil }
        }
        guard let found, desk.credentials.types.licences[found.record.type] != nil else {
            throw WebRefusal.notFound
        }
        return found
    }
}
