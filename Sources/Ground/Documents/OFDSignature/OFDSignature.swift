import ElectronicSeals

/// One signature of a package as Signatures.xml names it and Signature.xml describes it (GB/T 33190-2016).
public struct OFDSignature: Hashable, Sendable {
    /// Where Signature.xml lies.
    public let path: String
    /// Where SES_Signature lies.
    public let valuePath: String
    /// Where the seal lies beside its signature, if it does.
    public let sealPath: String?
    /// Signatures.xml that names it.
    public let listPath: String
    let method: String
    let checkMethod: String?
    let references: [Reference]
    public let stamps: [Stamp]

    struct Reference: Hashable, Sendable {
        let file: String
        let value: String
    }

    /// Where the seal's picture stands, in millimetres from the upper left corner.
    public struct Stamp: Hashable, Sendable {
        public let page: String
        public let boundary: String
        /// Part of the picture, for seals across several pages.
        public let clip: String?
    }

    /// Why a signature that a list names cannot be judged: its own verdict, not that of others.
    struct Fault: Error {
        let place: String
        let problem: VerificationProblem

        init(_ place: String) {
            self.place = place
            problem = VerificationProblem(.format, place)
        }

        /// Whether an entry lies in the folder of what describes the signature.
        func isBeside(_ name: String) -> Bool {
            guard let end = place.lastIndex(of: "/") else { return name == place }
            return name.hasPrefix(place[...end])
        }
    }

    /// All signatures of a document in their order.
    static func all(in document: OFDDocument, max: Int) throws(VerificationProblem) -> [Result<
        OFDSignature, Fault
    >] {
        var found: [Result<OFDSignature, Fault>] = []
        var seen: Set<String> = []
        for list in document.bodies.compactMap(\.signatures) {
            guard let path = document.package.path(list, from: "OFD.xml"),
                let entry = document.package.entry(path)
            else {
                found.append(.failure(Fault(list)))
                continue
            }
            for one in try XMLTree(reading: entry.bytes, name: path).all("Signature") {
                guard found.count < max else { throw VerificationProblem(.packageLimit, path) }
                guard one.attributes["Type"] ?? "Seal" == "Seal", let base = one.attributes["BaseLoc"],
                    let place = document.package.path(base, from: path)
                else {
                    found.append(.failure(Fault(path)))
                    continue
                }
                // Described twice it would be checked twice, at the cost of both.
                guard seen.insert(place).inserted else {
                    throw VerificationProblem(.packageDuplicate, place)
                }
                do throws(VerificationProblem) {
                    found.append(.success(try OFDSignature(at: place, list: path, in: document.package)))
                } catch {
                    // What is too much is the whole file's fault.
                    guard error.kind == .format else { throw error }
                    found.append(.failure(Fault(place)))
                }
            }
        }
        return found
    }

    private init(at path: String, list: String, in package: Package) throws(VerificationProblem) {
        guard let entry = package.entry(path) else { throw VerificationProblem(.format, path) }
        let tree = try XMLTree(reading: entry.bytes, name: path)
        guard tree.name == "Signature", tree.all("SignedInfo").count == 1,
            let info = tree.first("SignedInfo"),
            info.all("References").count == 1, let references = info.first("References"),
            let method = info.text("SignatureMethod"),
            let value = tree.text("SignedValue").flatMap({ package.path($0, from: path) })
        else { throw VerificationProblem(.format, path) }
        self.path = path
        listPath = list
        valuePath = value
        sealPath = info.first("Seal")?.text("BaseLoc").flatMap { package.path($0, from: path) }
        self.method = method
        checkMethod = references.attributes["CheckMethod"]
        let named = references.all("Reference")
        guard named.count <= package.entries.count else { throw VerificationProblem(.packageLimit, path) }
        self.references = named.map {
            Reference(file: $0.attributes["FileRef"] ?? "", value: $0.text("CheckValue") ?? "")
        }
        stamps = info.all("StampAnnot").map {
            Stamp(
                page: $0.attributes["PageRef"] ?? "",
                boundary: $0.attributes["Boundary"] ?? "",
                clip: $0.attributes["Clip"]
            )
        }
    }

    /// The files that this signature brings along: what an earlier one cannot have known.
    var own: [String] { [path, valuePath] + (sealPath.map { [$0] } ?? []) }
}
