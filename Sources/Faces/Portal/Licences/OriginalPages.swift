import Credentials
import Forms
import Kernel
import Storage
import Web

/// The kept file of a licence for its holder, and a small picture of its first page.
enum OriginalPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .post,
                "/wallet/{code}/files/{credential}/original",
                who: .applicants,
                scope: .relation,
                zh: "下载证照原件",
                en: "Take the file of a licence"
            ) { visit in
                let (found, type) = try await licence(PresentPages.presents, visit, desk)
                let format = LicencePress.Format(rawValue: visit.form["format"] ?? "") ?? .ofd
                let bytes = try await desk.originals.take(found, format, occasion: visit.occasion)
                return .file(
                    bytes,
                    type: format.mediaType,
                    name: "\(type.name.zh)-\(found.record.holder.name).\(format.rawValue)"
                )
            },
            .page(
                .get,
                "/wallet/{code}/files/{credential}/picture",
                who: .applicants,
                scope: .relation,
                zh: "证照首页图",
                en: "Picture of a licence"
            ) { visit in
                let (found, _) = try await licence(WalletPages.reads, visit, desk)
                let state = found.state(on: visit.now.date)
                guard
                    let png = try await desk.originals.picture(
                        of: found.id,
                        mark: state == .valid ? nil : visit.text("credential-state.\(state.rawValue)"),
                        on: visit.now.date
                    )
                else { throw WebRefusal.notFound }
                return .file(png, type: "image/png")
            },
        ]
    }

    private static func licence(_ operation: String, _ visit: Visit, _ desk: PortalDesk) async throws -> (
        Credential, LicenceType
    ) {
        let id = ID<Credential>(try visit.segment("credential"))
        let found = try await desk.database.read { reader in
            let code = try visit.segment("code")
            try desk.require(operation, for: code, visit, in: reader)
            return try Credentials.find(id, in: reader).flatMap { $0.record.holder.code == code ? $0 : nil }
        }
        guard let found, let type = desk.credentials.types.licences[found.record.type] else {
            throw WebRefusal.notFound
        }
        return (found, type)
    }
}
