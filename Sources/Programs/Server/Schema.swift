import Audit
import CaseArchive
import Cases
import Catalogue
import Changes
import Charges
import CompanyNames
import CompanyOpening
import Correspondence
import Credentials
import Deadlines
import Draws
import Exchange
import Identity
import Jobs
import Registers
import SealEngraving
import Search
import Stock
public import Storage

/// Every target's migrations, in the order of the storeys.
public enum Schema {
    public static var all: [Migration] {
        SearchMigrations.all + AuditMigrations.all
            + JobsMigrations.all + DeadlineMigrations.all + DrawMigrations.all
            + IdentityMigrations.all + CatalogueMigrations.all + RegisterMigrations.all
            + ExchangeMigrations.all
            + CredentialMigrations.all + SealMigrations.all + CertificateMigrations.all + CaseMigrations.all
            + CorrespondenceMigrations.all + ChargeMigrations.all + ChangesMigrations.all
            + CompanyNamesMigrations.all + ArchiveMigrations.all + EngravingMigrations.all
            + OpeningMigrations.all + StockMigrations.all
            + InstallationMigrations.all
    }
}
