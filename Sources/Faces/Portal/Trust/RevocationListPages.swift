import Credentials
import Kernel
import Storage
import Web

/// The revocation lists of the platform's authorities, at the addresses that its certificates name.
enum RevocationListPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/trust/lists/{list}",
                who: .everyone,
                scope: .open,
                zh: "证书撤销列表",
                en: "Revocation list"
            ) { visit in
                let name = try visit.segment("list")
                guard name.hasSuffix(".crl") else { throw WebRefusal.notFound }
                let list = try await desk.database.read {
                    try RevocationLists.published(of: String(name.dropLast(4)), in: $0)
                }
                guard let list else { throw WebRefusal.notFound }
                return .file(
                    list.der,
                    type: "application/pkix-crl",
                    name: name,
                    keeping: .shared(seconds: 300)
                )
            }
        ]
    }
}
