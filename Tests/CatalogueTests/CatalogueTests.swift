import Catalogue
import Forms
import Foundation
import Kernel
import Testing

@Suite("definitions under Systems")
struct DefinitionTests {
    @Test(
        "every folder can be read and run",
        arguments: [
            "company-opening", "auto-approval", "e-business-licence", "online-identity", "registration-app",
            "gov-service-platform", "item-catalog",
        ]
    )
    func readable(id: String) throws {
        let home = try Home.find()
        let definition = try SystemDefinition(SystemFolder(at: "\(home.systems)/\(id)"))
        #expect(definition.id == id)
        #expect(!definition.clauses.isEmpty)
        #expect(definition.problems().map(\.description) == [])
    }
}
