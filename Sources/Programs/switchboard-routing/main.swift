import Routing
import ServiceRuntime

await ServiceProgram<RoutingModule>.main()
