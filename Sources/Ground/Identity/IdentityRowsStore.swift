public import Kernel
public import Standards
public import Storage

/// People and enterprises that another system knew and that are taken over.
public struct IdentityRows: Sendable {
    private let keys: IdentityKeys
    private let occasion: Occasion
    private var people = Rows(
        """
        INSERT INTO identity_person (id, name, document_kind, document_masked, document_key, document_sealed, birth,
            phone_masked, phone_key, phone_sealed, level, created, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """
    )
    private var enterprises = Rows(
        """
        INSERT INTO identity_enterprise (code, name, state, legal_representative, region, agency, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """
    )

    public init(keys: IdentityKeys, occasion: Occasion) {
        self.keys = keys
        self.occasion = occasion
    }

    public var all: [Rows] { [people, enterprises] }

    /// As `People.register`; the police asks nobody about him before he comes himself.
    public mutating func add(
        _ id: ID<Person>,
        name: String,
        document: IdentityDocument,
        phone: PhoneNumber,
        at: Instant
    ) throws {
        let sealed = try People.sealed(document, phone, of: id, keys: keys, entropy: occasion.entropy)
        people.add(
            id,
            name,
            document.kind,
            document.masked,
            sealed.documentKey,
            sealed.documentSealed,
            document.birth,
            phone.masked,
            sealed.phoneKey,
            sealed.phoneSealed,
            RealNameLevel.declared.rawValue,
            at,
            1
        )
    }

    public mutating func add(
        enterprise code: String,
        name: String,
        representative: ID<Person>,
        region: String,
        agency: String
    ) {
        enterprises.add(code, name, EnterpriseState.active.rawValue, representative, region, agency, 1)
    }
}
