public import Cryptography
public import ElectronicSeals
import Foundation
public import Kernel

/// Puts SES seals into OFD packages that this program wrote, in the order of GB/T 33190 and GB/T 38540-2020: content
/// first, then the list of signatures, the seal, the digests of all other files, the signature over them.
public struct OFDSigner: Sendable {
    /// Who seals with what.
    public struct Stamp: Sendable {
        public let seal: ElectronicSeal
        public let signer: SigningIdentity
        /// Where the picture stands: identifiers of pages as Document.xml has them, and boxes in millimetres.
        public let places: [Place]

        public init(seal: ElectronicSeal, signer: SigningIdentity, places: [Place]) {
            self.seal = seal
            self.signer = signer
            self.places = places
        }
    }

    public struct Place: Hashable, Sendable {
        public let page: String
        public let x: Double
        public let y: Double
        public let width: Double
        public let height: Double

        public init(page: String, x: Double, y: Double, width: Double, height: Double) {
            self.page = page
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    /// - Parameters:
    ///   - isLocking: whether this is the last seal: the list of signatures is then protected too.
    ///   - timestamp: gives an RFC 3161 token over the bytes handed to it; nil leaves the time a claim.
    public static func seal(
        _ package: Package,
        with stamp: Stamp,
        at moment: Instant,
        isLocking: Bool,
        timestamp: (([UInt8]) throws(CryptographyError) -> [UInt8])? = nil
    ) throws -> Package {
        let document: OFDDocument
        do { document = try OFDDocument(package) } catch {
            throw DocumentError.notSignable("\(error.kind.rawValue) \(error.place)")
        }
        let kept = try signatures(of: document)
        let number = kept.count
        let folder = "\(signsFolder)/Sign_\(number)"
        var entries = package.entries.filter { $0.name != listPath }
        if number == 0 { try announce(in: &entries) }
        // One number for each signature and one for each of its stamps.
        let identifiers = kept.map { max(1, $0.stamps.count) + 1 }
        let list = PackageEntry(listPath, listXML(identifiers + [stamp.places.count + 1]))
        let sealFile = PackageEntry("\(folder)/Seal.esl", stamp.seal.bytes)
        let protected = entries + (isLocking ? [list] : []) + [sealFile]
        let path = "\(folder)/Signature.xml"
        let description = PackageEntry(
            path,
            signatureXML(
                stamp,
                folder: folder,
                firstIdentifier: identifiers.reduce(1, +) + 1,
                files: protected,
                at: moment
            )
        )
        let signature = try SealSignature(
            of: stamp.seal,
            by: stamp.signer,
            dataHash: SM3.digest(description.bytes),
            scope: "/\(path)",
            at: moment,
            timestamp: timestamp
        )
        entries += [list, description, sealFile, PackageEntry("\(folder)/SignedValue.dat", signature.bytes)]
        return Package(entries)
    }

    private static let signsFolder = "Doc_0/Signs"
    private static let listPath = "Doc_0/Signs/Signatures.xml"

    /// Those that are there already, none of which may protect the list.
    private static func signatures(of document: OFDDocument) throws(DocumentError) -> [OFDSignature] {
        guard document.bodies.count == 1, let body = document.bodies.first else {
            throw .notSignable("DocBody")
        }
        guard let list = body.signatures else { return [] }
        guard document.package.path(list, from: "OFD.xml") == listPath else { throw .notSignable(list) }
        var found: [OFDSignature] = []
        do throws(VerificationProblem) {
            for one in try OFDSignature.all(in: document, max: .max) {
                switch one {
                case .success(let signature): found.append(signature)
                case .failure(let fault): throw fault.problem
                }
            }
        } catch { throw .notSignable("\(error.kind.rawValue) \(error.place)") }
        for (number, one) in found.enumerated() {
            guard one.path == "\(signsFolder)/Sign_\(number)/Signature.xml" else {
                throw .notSignable(one.path)
            }
            guard
                !one.references.contains(where: { document.package.path($0.file, from: one.path) == listPath }
                )
            else { throw .notSignable("locked by \(one.path)") }
        }
        return found
    }

    /// Names the list in OFD.xml, before anything is hashed.
    private static func announce(in entries: inout [PackageEntry]) throws(DocumentError) {
        let end = Array("</ofd:DocBody>".utf8)
        guard let place = entries.firstIndex(where: { $0.name == "OFD.xml" }),
            let body = Data(entries[place].bytes).range(of: Data(end), options: .backwards)
        else { throw .notSignable("OFD.xml") }
        entries[place].bytes.insert(
            contentsOf: Array("<ofd:Signatures>/\(listPath)</ofd:Signatures>".utf8),
            at: body.lowerBound
        )
    }

    private static let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    private static let space = "xmlns:ofd=\"http://www.ofdspec.org/2016\""

    /// - Parameter identifiers: how many each signature takes, its own and those of its stamps.
    private static func listXML(_ identifiers: [Int]) -> [UInt8] {
        var next = 1
        var signatures = ""
        for (number, count) in identifiers.enumerated() {
            signatures +=
                "<ofd:Signature ID=\"\(next)\" Type=\"Seal\" BaseLoc=\"/\(signsFolder)/Sign_\(number)/Signature.xml\"/>"
            next += count
        }
        return Array(
            "\(head)<ofd:Signatures \(space)><ofd:MaxSignId>\(next - 1)</ofd:MaxSignId>\(signatures)</ofd:Signatures>"
                .utf8
        )
    }

    private static func signatureXML(
        _ stamp: Stamp,
        folder: String,
        firstIdentifier: Int,
        files: [PackageEntry],
        at moment: Instant
    ) -> [UInt8] {
        let references = files.map { file in
            "<ofd:Reference FileRef=\"/\(XMLText.escaped(file.name))\"><ofd:CheckValue>"
                + Base64.encode(SM3.digest(file.bytes)) + "</ofd:CheckValue></ofd:Reference>"
        }
        let places = stamp.places.enumerated().map { number, place in
            let box = [place.x, place.y, place.width, place.height].map(XMLText.number)
            return
                "<ofd:StampAnnot ID=\"\(firstIdentifier + number)\" PageRef=\"\(XMLText.escaped(place.page))\""
                + " Boundary=\"\(box.joined(separator: " "))\"/>"
        }
        var xml = head + "<ofd:Signature \(space)><ofd:SignedInfo>"
        xml += "<ofd:Provider ProviderName=\"Suban\" Version=\"1.0\" Company=\"Suban\"/>"
        xml += "<ofd:SignatureMethod>\(SealObject.sm2WithSM3)</ofd:SignatureMethod>"
        xml += "<ofd:SignatureDateTime>\(moment.minuteText)</ofd:SignatureDateTime>"
        xml += "<ofd:References CheckMethod=\"\(SealObject.sm3)\">\(references.joined())</ofd:References>"
        xml += places.joined()
        xml += "<ofd:Seal><ofd:BaseLoc>/\(folder)/Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>"
        xml += "<ofd:SignedValue>/\(folder)/SignedValue.dat</ofd:SignedValue></ofd:Signature>"
        return Array(xml.utf8)
    }
}
