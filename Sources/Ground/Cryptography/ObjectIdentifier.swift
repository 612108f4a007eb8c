internal import COpenSSL

enum ObjectIdentifier {
    /// The content bytes of an object identifier written with dots; empty when it is none.
    static func bytes(of identifier: String) -> [UInt8] {
        guard let object = OBJ_txt2obj(identifier, 1) else {
            ERR_clear_error()
            return []
        }
        defer { ASN1_OBJECT_free(object) }
        return Array(UnsafeBufferPointer(start: OBJ_get0_data(object), count: OBJ_length(object)))
    }
}
