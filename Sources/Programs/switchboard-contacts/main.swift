import Contacts
import ServiceRuntime

await ServiceProgram<ContactsModule>.main()
