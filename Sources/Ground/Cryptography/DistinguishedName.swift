internal import COpenSSL

/// The name of a certificate's subject or issuer, in the attributes that are used here. Equal names are equal bytes.
public struct DistinguishedName: Hashable, Sendable {
    /// Two letters, `CN`.
    public let country: String?
    public let organization: String?
    public let unit: String?
    public let commonName: String
    /// The unified social credit code of an organisation, or the account identifier of a person.
    public let serialNumber: String?

    public init(
        country: String? = "CN",
        organization: String? = nil,
        unit: String? = nil,
        commonName: String,
        serialNumber: String? = nil
    ) {
        self.country = country
        self.organization = organization
        self.unit = unit
        self.commonName = commonName
        self.serialNumber = serialNumber
    }

    /// X.520 leaves a name 64 characters: of a longer one the certificate holds the beginning, and what was signed
    /// holds all of it.
    public static func fitting(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.prefix(64)))
    }

    private var attributes: [(nid: Int32, value: String)] {
        let all: [(Int32, String?)] = [
            (NID_countryName, country), (NID_organizationName, organization),
            (NID_organizationalUnitName, unit), (NID_commonName, commonName),
            (NID_serialNumber, serialNumber),
        ]
        return all.compactMap { nid, value in value.map { (nid, $0) } }
    }

    /// Writes the attributes into an empty X509_NAME.
    func write(into name: OpaquePointer?) throws(CryptographyError) {
        for (nid, value) in attributes {
            let bytes = Array(Self.fitting(value).utf8)
            guard X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0) == 1
            else {
                ERR_clear_error()
                throw .engine("X509_NAME_add_entry_by_NID")
            }
        }
    }

    init(reading name: OpaquePointer?) {
        func value(_ nid: Int32) -> String? {
            let index = X509_NAME_get_index_by_NID(name, nid, -1)
            guard index >= 0, let text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)) else {
                return nil
            }
            var bytes: UnsafeMutablePointer<UInt8>?
            let count = ASN1_STRING_to_UTF8(&bytes, text)
            guard count >= 0, let bytes else { return nil }
            defer { suban_free(bytes) }
            return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
        }
        self.init(
            country: value(NID_countryName),
            organization: value(NID_organizationName),
            unit: value(NID_organizationalUnitName),
            commonName: value(NID_commonName) ?? "",
            serialNumber: value(NID_serialNumber)
        )
    }
}
