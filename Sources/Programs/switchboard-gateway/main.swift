import Gateway
import ServiceRuntime

await ServiceProgram<GatewayModule>.main()
