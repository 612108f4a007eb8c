public import ElectronicSeals

/// What a package says of itself by GB/T 33190-2016, as far as verifying and showing it needs: nothing of it is proven
/// before its signatures are.
public struct OFDDocument: Hashable, Sendable {
    public let package: Package
    /// One for each DocBody.
    public let bodies: [Body]

    public struct Body: Hashable, Sendable {
        public let title: String?
        /// 32 hexadecimal digits.
        public let documentID: String?
        /// CustomDatas in their order.
        public let fields: [Field]
        /// Path of Document.xml.
        public let root: String
        /// Path of Signatures.xml; nil when nothing is signed.
        public let signatures: String?
    }

    public struct Field: Hashable, Sendable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Unpacks a file from outside and reads its entry.
    public init(reading bytes: [UInt8], limits: PackageLimits) throws(VerificationProblem) {
        try self.init(try Package(reading: bytes, limits: limits))
    }

    public init(_ package: Package) throws(VerificationProblem) {
        // By exactly this name: a reader that tells capitals from others would find nothing.
        guard let entry = package.entry("OFD.xml"), entry.name == "OFD.xml" else {
            throw VerificationProblem(.packageFormat, "OFD.xml")
        }
        let tree = try XMLTree(reading: entry.bytes, name: entry.name)
        let found = tree.all("DocBody")
        guard tree.name == "OFD", !found.isEmpty, found.count <= 16 else {
            throw VerificationProblem(.packageFormat, "OFD.xml")
        }
        var bodies: [Body] = []
        for body in found {
            guard let root = body.text("DocRoot"), let path = package.path(root, from: "OFD.xml") else {
                throw VerificationProblem(.packageFormat, "DocRoot")
            }
            let info = body.first("DocInfo")
            bodies.append(
                Body(
                    title: info?.text("Title"),
                    documentID: info?.text("DocID"),
                    fields: (info?.first("CustomDatas")?.all("CustomData") ?? []).map {
                        Field(name: $0.attributes["Name"] ?? "", value: $0.content)
                    },
                    root: path,
                    signatures: body.text("Signatures")
                )
            )
        }
        self.package = package
        self.bodies = bodies
    }

    /// The value of a field of the first body.
    public func field(_ name: String) -> String? { bodies.first?.fields.first { $0.name == name }?.value }

    /// The first attachment of that name, unpacked.
    public func attachment(_ name: String) throws(VerificationProblem) -> [UInt8]? {
        for body in bodies {
            guard let document = package.entry(body.root) else { continue }
            let tree = try XMLTree(reading: document.bytes, name: body.root)
            guard let place = tree.text("Attachments"), let path = package.path(place, from: body.root),
                let list = package.entry(path)
            else { continue }
            for one in try XMLTree(reading: list.bytes, name: path).all("Attachment")
            where one.attributes["Name"] == name {
                return one.text("FileLoc").flatMap { package.path($0, from: path) }
                    .flatMap(package.entry)?.bytes
            }
        }
        return nil
    }
}

extension Package {
    /// The name of the entry to which `reference` in the file `base` leads: absolute with `/` in front, else from the
    /// folder of `base`, else from the root, as products differ. Nil when nothing lies there.
    public func path(_ reference: String, from base: String) -> String? {
        if reference.hasPrefix("/") { return entry(String(reference.dropFirst()))?.name }
        let folder = base.split(separator: "/").dropLast().joined(separator: "/")
        let near = folder.isEmpty ? reference : "\(folder)/\(reference)"
        return entry(near)?.name ?? entry(reference)?.name
    }
}
