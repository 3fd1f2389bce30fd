import '@factflow/domain'; // forbidden
import '@nestjs/common'; // forbidden
import 'pg'; // forbidden
import 'openapi-fetch';
