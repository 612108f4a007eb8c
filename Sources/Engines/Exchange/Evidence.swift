internal import Cryptography
internal import Kernel
public import Storage

/// One file of an evidence folder.
public struct EvidenceFile: Hashable, Sendable {
    public let name: String
    public let bytes: [UInt8]
}

extension Exchange {
    /// Everything that is needed to check a message without this program: what was signed, the signature in DER,
    /// the sender's public key, the body, the whole message, and how to check them with openssl alone.
    public func evidence(of message: String, in reader: any Reader) throws -> [EvidenceFile] {
        let kept = try ExchangeStore.messages(message, in: reader)
        guard !kept.isEmpty else { throw ExchangeError.noSuchMessage }
        var files: [EvidenceFile] = []
        var commands: [String] = []
        for (index, entry) in kept.enumerated() {
            let name = "\(index + 1)-\(entry.kind.rawValue)"
            let parts: (text: String, headers: [String: String], body: [UInt8])
            if let request = WireRequest(bytes: entry.bytes) {
                parts = (Envelope.signedText(of: request), request.headers, request.body)
            } else if let response = WireResponse(bytes: entry.bytes) {
                parts = (Envelope.signedText(of: response), response.headers, response.body)
            } else {
                throw ExchangeError.noSuchMessage
            }
            files.append(EvidenceFile(name: "\(name).message", bytes: entry.bytes))
            files.append(EvidenceFile(name: "\(name).signed.txt", bytes: Array(parts.text.utf8)))
            files.append(EvidenceFile(name: "\(name).body.json", bytes: parts.body))
            if let signature = parts.headers[EnvelopeHeader.signature].flatMap({ Hex.decode($0) }) {
                files.append(EvidenceFile(name: "\(name).signature.der", bytes: signature))
            }
            if let pem = try publicKeyPEM(entry.keyID, in: reader) {
                files.append(EvidenceFile(name: "\(name).key.pem", bytes: Array(pem.utf8)))
            }
            commands.append(
                """
                openssl dgst -sm3 \(name).body.json
                grep -c "$(openssl dgst -sm3 -r \(name).body.json | cut -d' ' -f1)" \(name).signed.txt
                openssl dgst -sm3 -sigopt distid:1234567812345678 -verify \(name).key.pem \
                -signature \(name).signature.der \(name).signed.txt
                """
            )
        }
        let guide = "#!/bin/sh\nset -e\n" + commands.joined(separator: "\n") + "\n"
        files.append(EvidenceFile(name: "check.sh", bytes: Array(guide.utf8)))
        return files
    }

    private func publicKeyPEM(_ keyID: String, in reader: any Reader) throws -> String? {
        if keyID == signer.keyID { return signer.publicKey.pem }
        return try ExchangeStore.key(keyID, in: reader)?.pem
    }
}
